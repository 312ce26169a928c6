// Made by scripts/build-client.mjs from client/. Change the sources, then run `npm run build:client -- --page`.

// client/bounded-map.ts
var BoundedMap = class extends Map {
  #limit;
  constructor(limit) {
    super();
    this.#limit = limit;
  }
  set(key, value) {
    this.delete(key);
    super.set(key, value);
    const [oldest] = this.keys();
    if (this.size > this.#limit) this.delete(oldest);
    return this;
  }
};

// client/emitter.ts
function createEmitter(report = throwLater) {
  const entries = /* @__PURE__ */ new Map();
  const entriesOf = (name) => entries.get(name) ?? [];
  const remove = (name, removed) => entries.set(
    name,
    entriesOf(name).filter((entry) => entry !== removed)
  );
  const add = (name, listener, once) => {
    const off = () => void remove(name, entry);
    const entry = [
      listener,
      (values) => {
        if (once) off();
        listener(...values);
      }
    ];
    entries.set(name, [...entriesOf(name), entry]);
    return off;
  };
  return {
    on: (name, listener) => add(name, listener, false),
    once: (name, listener) => add(name, listener, true),
    off(name, listener) {
      remove(
        name,
        entriesOf(name).find(([other]) => other === listener)
      );
    },
    emit(name, ...values) {
      for (const [, call] of entriesOf(name)) {
        try {
          call(values);
        } catch (error) {
          report(error);
        }
      }
    }
  };
}
function throwLater(error) {
  queueMicrotask(() => {
    throw error;
  });
}

// client/errors.ts
var MeshError = class extends Error {
  name = "MeshError";
  constructor(code, message, details = {}) {
    super(message, details);
    this.code = code;
    this.peerId = details.peerId;
    this.retryable = details.retryable ?? false;
  }
};
function passing(code, message, details) {
  return new MeshError(code, message, { ...details, retryable: true });
}

// client/limits.ts
var SECOND = 1e3;
var MINUTE = 60 * SECOND;
var HEARTBEAT_INTERVAL_MS = 4 * MINUTE;
var PONG_TIMEOUT_MS = 10 * SECOND;
var UNANSWERED_MS = 20 * SECOND;
var CLOCK_CHECK_MS = 30 * SECOND;
var JOIN_TIMEOUT_MS = 15 * SECOND;
var JOIN_DEADLINE_MS = 30 * SECOND;
var MAX_JOINS = 4;
var CALL_TIMEOUT_MS = 15 * SECOND;
var TOKEN_TIMEOUT_MS = 30 * SECOND;
var BACKOFF_BASE_MS = 500;
var BACKOFF_MAX_MS = 30 * SECOND;
var LASTING_MS = MINUTE;
var CONNECTION_AGE_MS = 120 * MINUTE;
var ROLL_SPREAD_MS = 5 * MINUTE;
var GO_AWAY_SPREAD_MS = 2 * SECOND;
var QUIET_MS = 2 * SECOND;
var RETIRE_MS = 10 * SECOND;
var LEAVE_TIMEOUT_MS = 2 * SECOND;
var LOST_JOIN_MS = 11 * MINUTE;
var GATHER_MS = 40;
var MAX_QUEUED_BYTES = 512 * 1024;
var BUSY_MS = 250;
var MAX_QUEUED_MS = 30 * SECOND;
var MAX_SENDS = 5;
var PACE_MS = 100;
var SENT_MEMORY_MS = 30 * SECOND;
var DOUBT_MS = SECOND;
var MAX_ID_LENGTH = 128;
var GATHERING_MS = 150;
var ATTEMPT_TIMEOUT_MS = 15 * SECOND;
var LINK_TRIES = 3;
var RETRY_BASE_MS = 2 * SECOND;
var DISCONNECTED_MS = 4 * SECOND;
var RESTART_MS = 10 * SECOND;
var MAX_EARLY_CANDIDATES = 32;
var MAX_REMEMBERED_PEERS = 64;
var MAX_SIGNALS_PER_FRAME = 64;
var CHUNK_BYTES = 16 * 1024;
var MAX_DATA_BYTES = 1024 * 1024;
var MAX_HEADER_BYTES = 4 * 1024;
var BUFFER_HIGH_BYTES = 256 * 1024;
var BUFFER_LOW_BYTES = 64 * 1024;
var DRAIN_POLL_MS = 20;
var MAX_WAITING_BYTES = 4 * 1024 * 1024;
var CHANNEL_CHECK_MS = 5 * SECOND;
var CHANNEL_SILENCE_MS = 15 * SECOND;
var CHANNEL_DEAD_MS = 40 * SECOND;
var DEFAULT_MAX_PEERS = 8;
var FEWEST_LINKS = 5;
var OVERLAP_LINKS = 2;
var CHECK_MS = 10 * SECOND;
var BEACON_MAX_AGE_MS = 3.5 * CHECK_MS;
var ASK_MAX_MS = 10 * MINUTE;
var PATIENCE_MS = 3 * SECOND;
var COOLDOWN_MS = 30 * SECOND;
var MAX_KNOWN_PEERS = 256;
var MAX_ALTERNATIVES = 8;
var MAX_PROBES = 3;
var BRIDGE_PAUSE_MS = 2 * SECOND;
var MAX_BRIDGE_STEPS = 16;
var MAX_HOPS = 16;
var MAX_SEEN_MESSAGES = 4096;
var MAX_ROUTES = 1024;
var DELIVERY_TIMEOUT_MS = 3 * SECOND;
var MAX_UNDELIVERED = 256;

// client/ids.ts
function isId(value) {
  return typeof value === "string" && value !== "" && value.length <= MAX_ID_LENGTH && !/\p{Cc}|\p{Cs}/u.test(value);
}

// client/json.ts
var encoder = new TextEncoder();
var decoder = new TextDecoder();
function encodeText(text) {
  return encoder.encode(text);
}
function decodeText(bytes) {
  return decoder.decode(bytes);
}
function parseJson(text) {
  try {
    return JSON.parse(text);
  } catch {
    return void 0;
  }
}
function isObject(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

// client/mesh/envelope.ts
var NO_BODY = new Uint8Array(0);
var NEWLINE = 10;
function encodeEnvelope({ header, body }) {
  const head = encodeText(`${JSON.stringify(header)}
`);
  const bytes = new Uint8Array(head.length + body.length);
  bytes.set(head);
  bytes.set(body, head.length);
  return bytes;
}
function decodeEnvelope(bytes) {
  const end = bytes.subarray(0, MAX_HEADER_BYTES).indexOf(NEWLINE);
  const header = parseJson(decodeText(bytes.subarray(0, Math.max(0, end))));
  return isObject(header) ? { header, body: bytes.subarray(end + 1) } : void 0;
}
function encodeData(data) {
  const binary = data instanceof ArrayBuffer || ArrayBuffer.isView(data);
  const body = binary ? bytesOf(data).slice() : encodeText(toJson(data));
  if (body.length > MAX_DATA_BYTES) {
    throw new MeshError("TOO_LARGE", `Data may have ${MAX_DATA_BYTES} bytes; got ${body.length}.`);
  }
  return { header: binary ? { b: 1 } : {}, body };
}
function bytesOf(data) {
  return ArrayBuffer.isView(data) ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength) : new Uint8Array(data);
}
function toJson(data) {
  let json;
  try {
    json = JSON.stringify(data);
  } catch {
  }
  if (json === void 0) throw new MeshError("BAD_REQUEST", "Data must be bytes or JSON.");
  return json;
}
function decodeData({ header, body }) {
  return header.b === 1 ? body.slice() : parseJson(decodeText(body));
}

// client/mesh/island.ts
function createIsland({ timers, selfId, neighbours, send }) {
  const heard = /* @__PURE__ */ new Map();
  const asRoot = (seq) => ({ root: selfId, seq, at: timers.now(), parent: selfId });
  let own = asRoot(timers.now());
  const tell = (peerIds = neighbours()) => {
    const { root, seq, at, parent } = own;
    const beacon = { root, seq, age: timers.now() - at, parent, links: neighbours().length };
    for (const peerId of peerIds) send(peerId, beacon);
  };
  const adopt = (next) => {
    own = next;
    tell();
  };
  const beRoot = () => {
    const last = own.root === selfId ? own.seq : 0;
    adopt(asRoot(Math.max(last + 1, timers.now())));
  };
  const orphan = () => adopt({ ...own, parent: "" });
  return {
    get root() {
      return own.root;
    },
    opened(peerId) {
      tell([peerId]);
    },
    closed(peerId) {
      heard.delete(peerId);
      if (neighbours().length === 0) beRoot();
      else if (own.parent === peerId) orphan();
    },
    receive(from, beacon) {
      heard.set(from, beacon);
      const { root, seq, age, parent } = beacon;
      if (root === selfId || age > BEACON_MAX_AGE_MS) return;
      const better = root < own.root || root === own.root && seq > own.seq;
      if (better && parent !== selfId && parent !== "") adopt({ root, seq, at: timers.now() - age, parent: from });
      else if (from === own.parent && root === own.root && parent === "") orphan();
    },
    tick() {
      if (own.root === selfId || timers.now() - own.at > BEACON_MAX_AGE_MS) beRoot();
    },
    redundant() {
      if (own.parent === "" || timers.now() - own.at > 2 * CHECK_MS) return [];
      return neighbours().flatMap((peerId) => {
        const beacon = heard.get(peerId);
        const inTree = peerId === own.parent || beacon?.parent === selfId || beacon?.parent === "";
        return beacon?.root === own.root && beacon.seq === own.seq && !inTree ? [{ peerId, links: beacon.links }] : [];
      }).sort((a, b) => b.links - a.links);
    }
  };
}
function isBeacon(value) {
  const { root, seq, age, parent, links } = value;
  return isId(root) && (parent === "" || isId(parent)) && [seq, age, links].every((count) => Number.isSafeInteger(count));
}

// client/webrtc/inbox.ts
function createInbox(timers) {
  const memories = new BoundedMap(MAX_REMEMBERED_PEERS);
  const memoryOf = (from) => {
    const now = timers.now();
    let memory = memories.get(from);
    if (memory === void 0 || now - memory.at > MAX_QUEUED_MS) {
      memory = { at: now, newest: -1, early: [] };
      memories.set(from, memory);
    }
    return memory;
  };
  return {
    isNew(from, { order }) {
      const memory = memoryOf(from);
      if (order === void 0) return true;
      if (!(order > memory.newest)) return false;
      memory.newest = order;
      return true;
    },
    keep(from, candidate) {
      const { early } = memoryOf(from);
      if (early.length < MAX_EARLY_CANDIDATES) early.push(candidate);
    },
    take(from, attempt) {
      const memory = memoryOf(from);
      const taken = memory.early.filter((candidate) => (candidate.attempt ?? attempt) === attempt);
      memory.early = [];
      return taken;
    }
  };
}

// client/webrtc/signals.ts
function readSignals(frame) {
  const values = frame.type === "batched_signals" ? frame.signals : [frame.signal];
  if (!Array.isArray(values)) return [];
  return values.slice(0, MAX_SIGNALS_PER_FRAME).flatMap((value) => readSignal(value) ?? []);
}
function readSignal(value) {
  if (!isObject(value)) return void 0;
  const { type, sdp, candidate, attempt, order, links } = value;
  if (isObject(candidate) && typeof candidate.candidate === "string") {
    return { type: "candidate", candidate, attempt };
  }
  const isDescription = (type === "offer" || type === "answer") && typeof sdp === "string" && // The other marks are only compared for being the same; these are reckoned with.
  [order, links].every((mark) => mark === void 0 || typeof mark === "number");
  return isDescription || type === "renegotiate" ? value : void 0;
}

// client/mesh/links.ts
function createLinks(options) {
  const { environment, selfId, maxPeers, iceServers, send } = options;
  const links = /* @__PURE__ */ new Map();
  const inbox = createInbox(environment.timers);
  let order = environment.timers.now();
  const all = () => [...links.values()];
  const open = () => all().filter(({ state }) => state === "open");
  const idsOf = (some) => some.map(({ peerId }) => peerId);
  const make = (peerId) => {
    const link = options.createLink(
      {
        environment,
        selfId,
        peerId,
        iceServers,
        marks: () => ({ order: ++order, ...options.caller() }),
        earlyCandidates: (attempt) => inbox.take(peerId, attempt)
      },
      {
        signal: (signal) => send(peerId, { type: "signal", signal }),
        open: () => options.opened(peerId),
        message: (message) => options.message(peerId, message),
        lost: () => options.lost(peerId),
        end(why) {
          if (links.get(peerId) !== link) return;
          links.delete(peerId);
          options.ended(peerId, why);
        }
      }
    );
    links.set(peerId, link);
    return link;
  };
  const close = (peerId) => {
    const link = links.get(peerId);
    links.delete(peerId);
    link?.close();
  };
  const call = (peerId) => {
    if (peerId !== selfId && !links.has(peerId)) make(peerId).call();
  };
  const take = (from, signal) => {
    if ("sdp" in signal && !inbox.isNew(from, signal)) return;
    const link = links.get(from);
    if (link?.receive(signal)) return;
    if (signal.type === "candidate") return inbox.keep(from, signal);
    if (signal.type !== "offer" || link !== void 0) return;
    const alternativePeers = options.answer(from, signal);
    if (alternativePeers === void 0) return make(from).receive(signal);
    const { attempt } = signal;
    send(from, { type: "connection_rejected", reason: "max_peers_reached", maxPeers, alternativePeers, attempt });
  };
  return {
    get: (peerId) => links.get(peerId),
    all,
    open: () => idsOf(open()),
    kin: () => idsOf(open().filter(({ foreign }) => !foreign)),
    call,
    close,
    receive(from, frame) {
      if (from === selfId) return;
      const calling = links.get(from)?.calling;
      switch (frame.type) {
        case "connection_rejected":
          if (calling === void 0 || (frame.attempt ?? calling) !== calling) return;
          close(from);
          return options.refused(from, readIds(frame.alternativePeers));
        case "signal_rejected":
          if (frame.correctInitiator === selfId) return call(from);
          if (calling === void 0) return;
          close(from);
          return options.wanted(from);
        case "connect_request":
          return options.wanted(from);
        default:
          for (const signal of readSignals(frame)) take(from, signal);
      }
    }
  };
}
function readIds(value) {
  return Array.isArray(value) ? value.slice(0, MAX_ALTERNATIVES).filter(isId) : [];
}

// client/mesh/neighbourhood.ts
function createNeighbourhood(options) {
  const { environment, selfId, maxPeers, island, links } = options;
  const { timers, random } = environment;
  const fewest = Math.min(FEWEST_LINKS, Math.max(1, maxPeers - 1));
  const known = new BoundedMap(MAX_KNOWN_PEERS);
  let closed = false;
  let cancelCheck;
  let pause = CHECK_MS;
  let nextSeek = 0;
  let nextBridge = 0;
  let asked = 0;
  const hasLink = (peerId) => peerId === selfId || links.get(peerId) !== void 0;
  const jittered = (ms) => ms * (0.75 + random() / 2);
  const learn = (peerId) => {
    const entry = known.get(peerId) ?? { notBefore: 0, strikes: 0, steps: 0 };
    if (!known.has(peerId)) known.set(peerId, entry);
    return entry;
  };
  const leaveAlone = (peerId) => {
    const entry = learn(peerId);
    const { steps } = entry;
    entry.steps = 0;
    entry.notBefore = timers.now() + jittered(Math.min(COOLDOWN_MS * 2 ** entry.strikes++, ASK_MAX_MS));
    return steps;
  };
  const hasPlace = (replaceable = 0) => links.all().length < maxPeers + Math.min(OVERLAP_LINKS, replaceable);
  const rotated = (peerIds) => {
    const start = Math.floor(random() * peerIds.length);
    return [...peerIds.slice(start), ...peerIds.slice(0, start)];
  };
  const fill = () => {
    const missing = fewest - links.all().length;
    if (closed || missing <= 0) return;
    const callable = [...known].filter(([peerId, { notBefore }]) => notBefore <= timers.now() && !hasLink(peerId));
    const candidates = rotated(callable.map(([peerId]) => peerId)).slice(0, missing);
    candidates.forEach(links.call);
    if (candidates.length < missing) void seek();
  };
  const seek = async () => {
    const now = timers.now();
    const few = links.open().length < fewest;
    if (now < nextSeek || !(few || island.root === selfId)) return;
    nextSeek = now + jittered(pause);
    pause = Math.min(pause * 2, ASK_MAX_MS);
    const target = few && asked++ === 0 ? selfId : environment.randomHex(40);
    const found = await options.findPeers(target).catch(() => []);
    if (few && found.some((peerId) => !hasLink(peerId) && !known.has(peerId))) soon();
    found.forEach(learn);
    if (few) return fill();
    for (const peerId of rotated(found).slice(0, MAX_PROBES)) {
      if (peerId === selfId || await options.reaches(peerId)) continue;
      soon();
      return bridge(peerId, MAX_BRIDGE_STEPS);
    }
  };
  const soon = () => {
    pause = CHECK_MS;
    nextSeek = Math.min(nextSeek, timers.now() + pause);
  };
  const bridge = (peerId, steps) => {
    if (closed || hasLink(peerId)) return;
    if (hasPlace(island.redundant().length)) {
      learn(peerId).steps = steps;
      return links.call(peerId);
    }
    const [next] = rotated(links.kin());
    if (steps > 0 && next !== void 0) options.passBridge(next, peerId, Math.min(steps, MAX_BRIDGE_STEPS) - 1);
  };
  const trim = () => {
    for (let over = links.open().length - maxPeers; over > 0; over--) {
      const [richest] = island.redundant();
      if (richest === void 0) return;
      leaveAlone(richest.peerId);
      links.close(richest.peerId);
    }
  };
  const scheduleCheck = () => {
    cancelCheck = timers.after(jittered(CHECK_MS), () => {
      scheduleCheck();
      island.tick();
      trim();
      fill();
      void seek();
    });
  };
  const meet = (peerId) => {
    if (closed) return;
    known.delete(peerId);
    const entry = learn(peerId);
    if (peerId < selfId) {
      const patience = jittered(PATIENCE_MS);
      entry.notBefore = timers.now() + patience;
      timers.after(patience, fill);
    } else if (hasPlace()) links.call(peerId);
  };
  return {
    introduced(peerIds) {
      peerIds.forEach(meet);
      nextSeek = timers.now() + PATIENCE_MS;
      if (cancelCheck === void 0) scheduleCheck();
    },
    joined: meet,
    answer(peerId, { island: theirs, links: count = 0 }) {
      learn(peerId);
      const redundant = island.redundant();
      const rich = redundant.filter((neighbour) => neighbour.links > count + 1);
      const accepted = hasPlace() || theirs !== island.root && hasPlace(redundant.length) || count < fewest && hasPlace(rich.length);
      return accepted && !closed ? void 0 : rotated(links.open()).slice(0, MAX_ALTERNATIVES);
    },
    refused(peerId, alternatives) {
      const steps = leaveAlone(peerId) || (links.open().length === 0 ? MAX_BRIDGE_STEPS : 0);
      alternatives.forEach(learn);
      const [next] = rotated(alternatives.filter((other) => !hasLink(other)));
      if (steps > 0 && next !== void 0) bridge(next, steps - 1);
      else fill();
    },
    opened(peerId) {
      known.delete(peerId);
      soon();
      trim();
      island.opened(peerId);
    },
    ended(peerId) {
      leaveAlone(peerId);
      soon();
      fill();
    },
    gone(peerId) {
      known.delete(peerId);
      fill();
    },
    bridge(peerId, steps) {
      if (timers.now() < nextBridge) return;
      nextBridge = timers.now() + BRIDGE_PAUSE_MS;
      bridge(peerId, steps);
    },
    close() {
      closed = true;
      cancelCheck?.();
    }
  };
}

// client/mesh/p2pmesh.ts
var TOPIC = "broadcast";
function toP2pmesh(peerId, envelope, now) {
  const { header } = envelope;
  if (header.b === 1 || header.p === 1 || header.a !== void 0) return void 0;
  const payload = decodeData(envelope);
  if (payload === void 0) return void 0;
  if (header.i === void 0 || header.t === peerId) return JSON.stringify({ type: "direct", payload });
  if (header.t !== void 0) return void 0;
  return JSON.stringify({
    type: "gossip",
    data: {
      id: header.i,
      topic: TOPIC,
      // As they do it: objects as JSON in a string.
      payload: isObject(payload) || Array.isArray(payload) ? JSON.stringify(payload) : payload,
      originPeerId: header.f,
      timestamp: now,
      hops: MAX_HOPS - header.h,
      relayedBy: [header.f]
    }
  });
}
function fromP2pmesh(text) {
  try {
    return read(parseJson(text));
  } catch {
    return void 0;
  }
}
function read(value) {
  if (!isObject(value)) return void 0;
  if (value.type === "direct" && value.payload !== void 0) return encodeData(value.payload);
  if (value.type !== "gossip" || !isObject(value.data)) return void 0;
  const { id, originPeerId, payload, hops } = value.data;
  if (payload === void 0 || !Number.isInteger(hops)) return void 0;
  const h = MAX_HOPS - hops;
  return { header: { i: id, f: originPeerId, h }, body: encodeData(readPayload(payload)).body };
}
function readPayload(payload) {
  const isObjectInString = typeof payload === "string" && /^[{[]/.test(payload);
  return isObjectInString && parseJson(payload) || payload;
}

// client/mesh/routing.ts
function createRouting({ environment, selfId, neighbours, transmit, deliver }) {
  const { timers } = environment;
  const seen = new BoundedMap(MAX_SEEN_MESSAGES);
  const routes = new BoundedMap(MAX_ROUTES);
  const unanswered = /* @__PURE__ */ new Map();
  let closed = false;
  const ended = () => new MeshError("CLOSED", "The mesh was left.");
  const remember = (key) => {
    if (seen.has(key)) return false;
    seen.set(key, true);
    return true;
  };
  const flood = (envelope, except) => neighbours().filter((peerId) => peerId !== except).map((peerId) => transmit(peerId, envelope));
  const towards = (to, envelope, except, toAll = false) => {
    const near = neighbours();
    const next = near.includes(to) ? to : toAll ? void 0 : routes.get(to);
    if (next !== void 0 && next !== except && near.includes(next)) return [transmit(next, envelope)];
    return flood(envelope, except);
  };
  const ignoreLoss = (sent) => {
    for (const one of sent) one.catch(() => {
    });
  };
  const newId = () => environment.randomHex(16);
  const ask = (to, envelope, i = newId(), n = 1) => new Promise((resolve, reject) => {
    if (closed) return reject(ended());
    if (unanswered.size >= MAX_UNDELIVERED) {
      return reject(passing("BUFFER_FULL", "Too much waits to be sent."));
    }
    const settle = (answer) => {
      cancel();
      unanswered.delete(i);
      if (typeof answer !== "boolean") reject(answer);
      else resolve(answer || n > 1 || neighbours().length === 0 ? answer : ask(to, envelope, i, 2));
    };
    const cancel = timers.after(DELIVERY_TIMEOUT_MS, () => settle(false));
    unanswered.set(i, settle);
    const header = { ...envelope.header, i, n, f: selfId, t: to, h: MAX_HOPS };
    const sent = towards(to, { ...envelope, header }, void 0, n > 1);
    if (sent.length === 0) settle(false);
    anyOf(sent).catch(settle);
  });
  const handle = (via, envelope) => {
    const header = envelope.header;
    const { i, n, f, t, h } = header;
    const passedOn = { ...envelope, header: { ...header, h: h - 1 } };
    if (f === selfId || !remember(`${f} ${i} ${n === 2}`)) return;
    routes.set(f, via);
    if (t !== void 0 && t !== selfId) {
      if (h > 1) ignoreLoss(towards(t, passedOn, via, n === 2));
      return;
    }
    if (t === selfId && header.a !== void 0) return unanswered.get(header.a)?.(true);
    if (t === selfId) ignoreLoss(towards(f, answerTo(f, i, selfId, newId())));
    if (t === void 0 && h > 1) ignoreLoss(flood(passedOn, via));
    if (header.p === 1 || !remember(`${f} ${i}`)) return;
    hand(f, envelope, via === f);
  };
  const hand = (from, envelope, direct) => {
    const data = decodeData(envelope);
    if (data !== void 0) deliver({ from, data, direct });
  };
  return {
    async send(to, data) {
      const envelope = encodeData(data);
      if (neighbours().includes(to)) return transmit(to, envelope);
      if (to !== selfId && await ask(to, envelope)) return;
      throw passing("NO_ROUTE", `No way to ${to}.`, { peerId: to });
    },
    async broadcast(data) {
      if (closed) throw ended();
      const { header, body } = encodeData(data);
      const sent = flood({ header: { ...header, i: newId(), f: selfId, h: MAX_HOPS }, body });
      await Promise.allSettled(sent);
      await anyOf(sent);
    },
    reaches: async (peerId) => neighbours().includes(peerId) || await ask(peerId, { header: { p: 1 }, body: NO_BODY }).catch(() => false),
    receive(via, envelope) {
      if (envelope.header.i === void 0) hand(via, envelope, true);
      else if (isRouted(envelope.header)) handle(via, envelope);
    },
    close() {
      closed = true;
      for (const settle of [...unanswered.values()]) settle(ended());
    }
  };
}
async function anyOf(sent) {
  await Promise.any(sent).catch(({ errors: [error] }) => {
    if (error !== void 0) throw error;
  });
}
function answerTo(to, a, from, id) {
  return { header: { i: id, f: from, t: to, h: MAX_HOPS, a }, body: NO_BODY };
}
function isRouted({ i, f, h }) {
  return isId(i) && isId(f) && Number.isInteger(h) && h >= 1 && h <= MAX_HOPS;
}

// client/mesh/mesh.ts
function assembleMesh({ environment, peerId: selfId, room, maxPeers, signal, ...parts }) {
  const { on, once, off, emit } = createEmitter();
  let iceServers = parts.iceServers ?? [];
  const discovered = new BoundedMap(MAX_KNOWN_PEERS);
  const departed = /* @__PURE__ */ new Set();
  const isOpen = (peerId) => links.get(peerId)?.state === "open";
  const transmit = async (peerId, envelope) => {
    const link = links.get(peerId);
    const foreign = link?.foreign;
    const message = foreign ? toP2pmesh(peerId, envelope, environment.timers.now()) : encodeEnvelope(envelope);
    const { t, f, i, a, b } = envelope.header;
    if (message !== void 0) await (link?.send(message) ?? Promise.reject(passing("CLOSED", "The link ended.")));
    else if (b === 1 && (i === void 0 || t === peerId)) {
      throw new MeshError("BAD_REQUEST", "p2pmesh's peers take no bytes.", { peerId });
    }
    if (foreign && t === peerId && a === void 0) {
      routing.receive(peerId, answerTo(f, i, peerId, environment.randomHex(16)));
    }
  };
  const sendControl = (peerId, header) => {
    transmit(peerId, { header, body: NO_BODY }).catch(() => {
    });
  };
  const discover = (peerId) => {
    departed.delete(peerId);
    if (peerId === selfId || discovered.has(peerId)) return;
    discovered.set(peerId, true);
    emit("peer:discovered", peerId);
  };
  const findPeers = async (target) => {
    const found = (await session.findPeers({ target })).map(({ id }) => id);
    for (const peerId of found) discover(peerId);
    return found;
  };
  const gone = (peerId) => {
    discovered.delete(peerId);
    departed.delete(peerId);
    neighbourhood.gone(peerId);
    emit("peer:gone", peerId);
  };
  const receive = (via, message) => {
    const envelope = typeof message === "string" ? fromP2pmesh(message) : decodeEnvelope(message);
    if (envelope === void 0) return;
    const { header } = envelope;
    if (header.k === "beacon") {
      if (isBeacon(header)) island.receive(via, header);
    } else if (header.k === "bridge") {
      const { to, steps } = header;
      if (isId(to) && Number.isInteger(steps)) neighbourhood.bridge(to, steps);
    } else routing.receive(via, envelope);
  };
  const links = createLinks({
    environment,
    selfId,
    maxPeers,
    createLink: parts.createLink,
    iceServers: () => iceServers,
    caller: () => ({ island: island.root, links: links.open().length }),
    // The server takes up to 32,000 bytes; a description that long is one that nobody could answer.
    send: (to, frame) => session.send(to, frame),
    answer: (peerId, caller) => neighbourhood.answer(peerId, caller),
    refused: (peerId, alternatives) => neighbourhood.refused(peerId, alternatives),
    wanted: (peerId) => neighbourhood.joined(peerId),
    opened(peerId) {
      neighbourhood.opened(peerId);
      if (isOpen(peerId)) emit("peer:connect", peerId);
    },
    message: receive,
    lost(peerId) {
      island.closed(peerId);
      emit("peer:disconnect", peerId);
    },
    ended(peerId, why) {
      if (why === "failed") emit("error", passing("LINK_FAILED", `No link to ${peerId}.`, { peerId }));
      if (departed.has(peerId)) gone(peerId);
      else neighbourhood.ended(peerId);
    }
  });
  const island = createIsland({
    timers: environment.timers,
    selfId,
    neighbours: links.kin,
    send: (peerId, beacon) => sendControl(peerId, { k: "beacon", ...beacon })
  });
  const routing = createRouting({
    environment,
    selfId,
    neighbours: links.open,
    transmit,
    deliver: (message) => emit("message", message)
  });
  const neighbourhood = createNeighbourhood({
    environment,
    selfId,
    maxPeers,
    island,
    links,
    findPeers,
    reaches: routing.reaches,
    passBridge: (neighbour, to, steps) => sendControl(neighbour, { k: "bridge", to, steps })
  });
  const session = parts.openSession({
    welcome(welcome, resumed) {
      iceServers = parts.iceServers ?? welcome.iceServers ?? [];
      const listed = welcome.peers.map(({ id }) => id);
      for (const peerId of listed) discover(peerId);
      if (!resumed) neighbourhood.introduced(listed);
    },
    peerJoined(peerId) {
      discover(peerId);
      neighbourhood.joined(peerId);
    },
    peerLeft(peerId) {
      if (isOpen(peerId)) return void departed.add(peerId);
      links.close(peerId);
      gone(peerId);
    },
    frame: links.receive,
    undelivered(peerId, { code }) {
      if (code !== "PEER_NOT_FOUND" || isOpen(peerId) && !departed.has(peerId)) return;
      links.close(peerId);
      if (departed.has(peerId)) gone(peerId);
      else neighbourhood.gone(peerId);
    },
    state(state) {
      if (state === "left") shutDown();
      emit("state", state);
    },
    error: (error) => emit("error", error),
    traffic: (direction, frame) => emit("signaling", { direction, frame })
  });
  const shutDown = () => {
    neighbourhood.close();
    routing.close();
    for (const { peerId } of links.all()) links.close(peerId);
  };
  if (signal?.aborted) void session.leave();
  signal?.addEventListener("abort", session.leave, { once: true });
  const heedless = (promise) => {
    promise.catch(() => {
    });
    return promise;
  };
  return {
    peerId: selfId,
    room,
    get state() {
      return session.state;
    },
    get peers() {
      return links.open();
    },
    links: () => links.all().map(({ peerId, state, since }) => ({ peerId, state, since })),
    stats: async (peerId) => links.get(peerId)?.stats(),
    join: () => session.join().catch((error) => {
      throw signal?.aborted ? new MeshError("ABORTED", "Aborted.", { cause: signal.reason }) : error;
    }),
    leave: session.leave,
    send: (peerId, data) => heedless(routing.send(peerId, data)),
    broadcast: (data) => heedless(routing.broadcast(data)),
    on,
    once,
    off
  };
}

// client/default-environment.ts
function defaultEnvironment(options = {}) {
  const { WebSocket = globalThis.WebSocket, RTCPeerConnection = globalThis.RTCPeerConnection } = options;
  return {
    timers: {
      now: Date.now,
      after(ms, callback) {
        const timer = setTimeout(callback, ms);
        return () => clearTimeout(timer);
      }
    },
    random: Math.random,
    randomHex: (digits) => Array.from(crypto.getRandomValues(new Uint8Array(digits)), (byte) => (byte % 16).toString(16)).join(""),
    WebSocket,
    RTCPeerConnection,
    onWake
  };
}
function onWake(callback) {
  const ended = new AbortController();
  const listen = (target, event, listener) => target?.addEventListener?.(event, listener, ended);
  const page = globalThis.document;
  listen(globalThis, "online", callback);
  listen(globalThis, "pageshow", callback);
  listen(page, "visibilitychange", () => {
    if (page.visibilityState === "visible") callback();
  });
  return () => ended.abort();
}

// client/signaling/alarm.ts
function alarm(timers, ms, callback) {
  const start = timers.now();
  const look = () => {
    const left = ms - Math.abs(timers.now() - start);
    if (left < 1) callback();
    else cancel = timers.after(Math.min(left, CLOCK_CHECK_MS), look);
  };
  let cancel = timers.after(0, look);
  return () => cancel();
}

// client/signaling/backoff.ts
function backoffLimit(failures) {
  return Math.min(BACKOFF_MAX_MS, BACKOFF_BASE_MS * 2 ** failures);
}
function backoff(failures, random) {
  return random() * backoffLimit(failures);
}

// client/signaling/calls.ts
function createCalls(timers, outbox) {
  const calls = /* @__PURE__ */ new Set();
  return {
    findPeers: (query = {}) => new Promise((resolve, reject) => {
      const settleBy = (settle) => (value) => {
        cancel();
        calls.delete(call);
        outbox.settle(id);
        settle(value);
      };
      const failed = settleBy(reject);
      const call = { target: query.target, answered: settleBy(resolve) };
      calls.add(call);
      const cancel = timers.after(CALL_TIMEOUT_MS, () => failed(passing("TIMEOUT", "The server does not answer.")));
      const id = outbox.post({ ...query, type: "find_peers" }, failed);
    }),
    answer(target, peers) {
      for (const call of calls) {
        if (call.target === target) return call.answered(peers);
      }
    }
  };
}

// client/signaling/frames.ts
function withoutSecrets({ token: _, resumeKey: __, ...frame }) {
  return frame;
}
function errorOf({ type, code, message, retryable, to }) {
  const gateway = type === void 0;
  return new MeshError(gateway ? "GATEWAY" : code, String(message), {
    retryable: gateway || retryable === true,
    ...typeof to === "string" && { peerId: to }
  });
}
function retryAfterOf({ retryAfter }) {
  return typeof retryAfter === "number" && retryAfter > 0 ? retryAfter : 0;
}
function sizeOf(frame) {
  return encodeText(JSON.stringify(frame)).length;
}
function peersOf({ peers }) {
  return Array.isArray(peers) ? peers.filter((peer) => typeof peer?.id === "string") : [];
}

// client/signaling/liveness.ts
function createLiveness({ timers, intervalMs, ping, dead }) {
  let unanswered;
  let asked;
  let cancel = () => {
  };
  const after = (ms, callback) => {
    cancel();
    cancel = alarm(timers, ms, callback);
  };
  const ask = () => {
    if (asked) return;
    asked = true;
    ping();
    after(PONG_TIMEOUT_MS, dead);
  };
  const heard = () => {
    asked = unanswered = false;
    after(intervalMs, ask);
  };
  heard();
  return {
    heard,
    sent() {
      if (!asked && !unanswered) after(Math.min(intervalMs, UNANSWERED_MS), ask);
      unanswered = true;
    },
    probe: ask,
    stop: () => cancel()
  };
}

// client/signaling/connection.ts
var OPEN = 1;
function openConnection(duties) {
  const { environment, url } = duties;
  const [where] = url.split("?");
  let stage = "preparing";
  let socket;
  let join = {};
  let joins = 0;
  let heardAt = 0;
  let liveness;
  let cancelTimer = () => {
  };
  const early = [];
  const wait = (ms, callback) => {
    cancelTimer();
    cancelTimer = environment.timers.after(ms, callback);
  };
  const expect = (what, ms = JOIN_TIMEOUT_MS) => wait(ms, () => end(passing("TIMEOUT", `${what} within ${ms / 1e3} s.`)));
  const isOpen = () => socket?.readyState === OPEN;
  const write = (frame) => {
    if (!isOpen()) return;
    socket?.send(JSON.stringify(frame));
    duties.traffic("out", withoutSecrets(frame));
  };
  const close = () => {
    stage = "ended";
    cancelTimer();
    liveness?.stop();
    socket?.close();
  };
  const handOnEarly = () => {
    for (const frame of early.splice(0)) duties.frame(connection, frame);
  };
  const end = (error) => {
    const before = stage;
    if (before === "ended") return;
    close();
    handOnEarly();
    duties.ended(connection, error, before);
  };
  const sendJoin = () => {
    stage = "joining";
    joins++;
    expect("No answer to the join");
    write(join);
  };
  const answersJoin = (frame) => {
    const { type, from } = frame;
    if (stage !== "joining") return false;
    if (from === void 0 && type === "bootstrap_peers") {
      stage = "joined";
      cancelTimer();
      liveness = createLiveness({
        timers: environment.timers,
        intervalMs: duties.heartbeatInterval,
        ping: () => write({ type: "ping" }),
        dead: () => end(passing("TIMEOUT", "The server does not answer."))
      });
      duties.welcomed(connection, frame);
      handOnEarly();
    } else if (from === void 0 && (type === "error" || type === void 0)) {
      duties.refused(connection, errorOf(frame), retryAfterOf(frame));
    } else if (type === "go_away") {
      end(passing("CLOSED", "The server goes away."));
    } else {
      early.push(frame);
    }
    return true;
  };
  const open = (preparation) => {
    if (stage !== "preparing") return;
    join = preparation.join;
    stage = "opening";
    const failure = `No connection to ${where}`;
    expect(failure);
    try {
      socket = new environment.WebSocket(url, preparation.protocols);
    } catch (cause) {
      return end(passing("CLOSED", failure, { cause }));
    }
    socket.onopen = () => {
      stage = "pausing";
      const ms = duties.pause();
      if (ms > 0) wait(ms, sendJoin);
      else sendJoin();
    };
    socket.onmessage = ({ data }) => {
      if (stage === "ended") return;
      heardAt = environment.timers.now();
      liveness?.heard();
      const received = parseJson(data);
      if (!isObject(received)) return;
      duties.traffic("in", withoutSecrets(received));
      if (!answersJoin(received)) duties.frame(connection, received);
    };
    socket.onerror = () => {
    };
    socket.onclose = ({ code, reason }) => {
      const what = stage === "opening" ? failure : "The connection ended";
      end(passing("CLOSED", `${what}: ${code} ${reason}`));
    };
  };
  const connection = {
    get stage() {
      return stage;
    },
    get ready() {
      return stage === "joined" && isOpen() && (socket?.bufferedAmount ?? 0) < MAX_QUEUED_BYTES;
    },
    get joins() {
      return joins;
    },
    get heardAt() {
      return heardAt;
    },
    send(frame) {
      write(frame);
      liveness?.sent();
    },
    joinAgain: (afterMs) => wait(afterMs, sendJoin),
    probe: () => liveness?.probe(),
    retire() {
      liveness?.stop();
      wait(RETIRE_MS, close);
    },
    close,
    leave() {
      return new Promise((resolve) => {
        const done = () => {
          close();
          resolve();
        };
        if (joins === 0 || !isOpen() || socket === void 0) return done();
        write({ type: "leave" });
        stage = "ended";
        liveness?.stop();
        socket.onclose = done;
        wait(LEAVE_TIMEOUT_MS, done);
      });
    }
  };
  expect("No token", TOKEN_TIMEOUT_MS);
  duties.prepare().then(open, (cause) => end(passing("UNAUTHORIZED", "No token.", { cause })));
  return connection;
}

// client/signaling/dispatch.ts
function createDispatch(duties) {
  const { events, outbox, calls } = duties;
  const refused = (connection, frame) => {
    const { code, id, requestType, to } = frame;
    let error = errorOf(frame);
    if (requestType === "join") return;
    if (code === "PEER_ID_TAKEN" && requestType === void 0) return duties.replaced(connection, error);
    const outlawed = ["NOT_JOINED", "ALREADY_JOINED", "UNAUTHORIZED"].includes(error.code);
    if (outlawed) {
      error = errorOf({ ...frame, retryable: true });
      duties.outlawed(connection, error);
    }
    const wait = retryAfterOf(frame);
    if (outbox.refused(id, error, wait) || outlawed) return;
    if (typeof to === "string" && !error.retryable) events.undelivered(to, error);
    else events.error(error);
  };
  return (connection, frame) => {
    const { from, type, peerId } = frame;
    if (typeof from === "string") {
      events.frame(from, frame);
    } else if (type === "peer_joined") events.peerJoined(String(peerId));
    else if (type === "peer_left") events.peerLeft(String(peerId));
    else if (type === "go_away") duties.goAway(connection);
    else if (type === "error") refused(connection, frame);
    else if (type === "bootstrap_peers") {
      if (frame.resumeKey === void 0) calls.answer(frame.target, peersOf(frame));
      else duties.welcomedAgain(connection, frame);
    } else if (type === void 0 && typeof frame.message === "string") events.error(errorOf(frame));
  };
}

// protocol/limits.ts
var MINUTE_MS = 6e4;
var MAX_MESSAGE_BYTES = 32e3;
var MAX_CONNECTION_AGE_MS = 120 * MINUTE_MS;
var MAX_IDLE_MS = 10 * MINUTE_MS;
var GATEWAY_MAX_FRAME_BYTES = 32 * 1024;
var GATEWAY_MAX_MESSAGE_BYTES = 128 * 1024;

// client/signaling/batch.ts
function isCandidate({ signal }) {
  return Object(signal).candidate !== void 0;
}
function pack(frames) {
  const signals = frames.map(({ signal }) => signal);
  return signals.length > 1 ? { type: "batched_signals", signals } : { type: "signal", signal: signals[0] };
}

// client/signaling/gathering.ts
var ID_ROOM = 40;
var BATCH_ROOM = 1024;
function createGathering(timers, hand) {
  const groups = /* @__PURE__ */ new Map();
  const release = (to) => {
    const group = groups.get(to);
    if (group === void 0) return;
    group.cancel();
    groups.delete(to);
    hand(to, pack(group.frames));
  };
  return {
    send(to, frame) {
      const bytes = sizeOf({ ...frame, to }) + ID_ROOM;
      if (bytes > MAX_MESSAGE_BYTES) {
        throw new MeshError("TOO_LARGE", `A frame may have ${MAX_MESSAGE_BYTES} bytes; got ${bytes}.`, { peerId: to });
      }
      const gathers = isCandidate(frame);
      if (!gathers || (groups.get(to)?.bytes ?? 0) + bytes > MAX_MESSAGE_BYTES - BATCH_ROOM) release(to);
      if (!gathers) return hand(to, frame);
      const group = groups.get(to) ?? { frames: [], bytes: 0, cancel: timers.after(GATHER_MS, () => release(to)) };
      group.frames.push(frame);
      group.bytes += bytes;
      groups.set(to, group);
    },
    end: () => [...groups.keys()].forEach(release)
  };
}

// client/signaling/join.ts
async function prepareJoin(identity, resumeKey) {
  const { peerId, room, token, tokenAt } = identity;
  const value = typeof token === "function" ? await token() : token;
  if (token !== void 0 && typeof value !== "string") throw new TypeError("A token is a string.");
  const early = tokenAt === "connect" && value !== void 0;
  return {
    // The server chooses the one without the token, so that the token is not sent back.
    protocols: early ? ["p2pmesh", `token.${value}`] : [],
    // What is undefined is not written.
    join: { type: "join", peerId, room, resumeKey, token: early ? void 0 : value }
  };
}
function mayJoinAnew({ code, retryable }, { welcomed, lostJoinAge, freshToken }) {
  switch (code) {
    // It is this connection that cannot join any more.
    case "NOT_JOINED":
    case "ALREADY_JOINED":
      return true;
    // It may be ourselves who hold the id, by a connection that is no more: without the key of the welcome that was
    // lost the server cannot know. It finds out when it takes the connection for dead.
    case "PEER_ID_TAKEN":
      return lostJoinAge !== void 0 && lostJoinAge < LOST_JOIN_MS;
    case "UNAUTHORIZED":
      return welcomed && freshToken;
    // The server is at fault. One that has worked before may be mended.
    case "INTERNAL":
      return welcomed;
    default:
      return retryable;
  }
}

// client/signaling/outbox.ts
function createOutbox(environment, connection) {
  const { timers, random } = environment;
  let lastId = 0;
  let queue = [];
  let queuedBytes = 0;
  const sent = /* @__PURE__ */ new Map();
  let sentAt = 0;
  let resumeAt = 0;
  let pace = 0;
  let cancelTimer = () => {
  };
  let over;
  const fail = ({ failed }, error) => queueMicrotask(() => failed(error));
  const drop = (entry) => {
    queue = queue.filter((other) => other !== entry);
    queuedBytes -= entry.bytes;
  };
  const enqueue = (entry) => {
    if (over !== void 0) return fail(entry, over);
    queue.push(entry);
    queuedBytes += entry.bytes;
    for (let [oldest] = queue; oldest && queuedBytes > MAX_QUEUED_BYTES; [oldest] = queue) {
      drop(oldest);
      fail(oldest, passing("BUFFER_FULL", "Too much waits to be sent."));
    }
  };
  const again = (entry, afterMs) => {
    sent.delete(entry.id);
    entry.notBefore = timers.now() + afterMs;
    enqueue(entry);
  };
  const flush = () => {
    cancelTimer();
    const now = timers.now();
    for (const [id, entry] of sent) {
      if (now - entry.sentAt < SENT_MEMORY_MS) break;
      sent.delete(id);
    }
    const via = connection();
    let next = now + MAX_QUEUED_MS;
    for (const entry of queue) {
      const late = entry.since + MAX_QUEUED_MS;
      const at = Math.max(entry.notBefore, resumeAt, sentAt + pace);
      if (late <= now) {
        drop(entry);
        fail(entry, entry.refusal ?? passing("TIMEOUT", "Not sent in time."));
      } else if (at <= now && via?.ready) {
        drop(entry);
        entry.sends++;
        entry.via = via;
        entry.sentAt = sentAt = now;
        sent.set(entry.id, entry);
        via.send(entry.frame);
      } else next = Math.min(next, late, via === void 0 ? late : Math.max(at, now + BUSY_MS * Number(at <= now)));
    }
    if (queue.length === 0) pace = 0;
    else cancelTimer = timers.after(next - now, flush);
  };
  return {
    get sentAt() {
      return sentAt;
    },
    post(content, failed) {
      const id = ++lastId;
      const frame = { ...content, id };
      enqueue({ id, frame, bytes: sizeOf(frame), since: timers.now(), failed, notBefore: 0, sends: 0, sentAt: 0 });
      flush();
      return id;
    },
    settle(id) {
      sent.delete(id);
      queue.filter((entry) => entry.id === id).forEach(drop);
    },
    flush,
    refused(id, error, retryAfter) {
      const entry = sent.get(id);
      if (entry === void 0) return false;
      const slower = error.code === "RATE_LIMITED";
      if (!error.retryable || !slower && entry.sends >= MAX_SENDS) {
        sent.delete(id);
        fail(entry, error);
        return true;
      }
      entry.refusal = error;
      if (slower) {
        resumeAt = timers.now() + retryAfter;
        pace = PACE_MS;
      }
      again(entry, retryAfter + (slower ? 0 : backoff(entry.sends, random)));
      flush();
      return true;
    },
    lost(connection2) {
      for (const entry of sent.values()) {
        const doubtful = entry.sentAt >= connection2.heardAt - DOUBT_MS || entry.frame.to === void 0;
        if (entry.via === connection2 && doubtful) again(entry, 0);
      }
      flush();
    },
    end(error) {
      over = error;
      for (const entry of queue) fail(entry, error);
      for (const entry of sent.values()) if (entry.frame.to === void 0) fail(entry, error);
      queue = [];
      sent.clear();
      cancelTimer();
    }
  };
}

// client/signaling/rollover.ts
function rollAfter({ timers, random }, reconnectBefore) {
  const left = reconnectBefore - timers.now();
  const ms = left > 0 && left < CONNECTION_AGE_MS ? left : CONNECTION_AGE_MS - ROLL_SPREAD_MS;
  return ms - random() * Math.min(ms / 10, ROLL_SPREAD_MS);
}

// client/signaling/create-session.ts
function createSession(options, environment, events) {
  const { token } = options;
  const { timers, random } = environment;
  let state = "new";
  let current;
  let next;
  let resumeKey;
  let welcomedAt;
  let failures = 0;
  let lostJoinAt;
  let handingOver = false;
  let tokenRefused = false;
  let lastError;
  let joined;
  let resolveJoined = () => {
  };
  let rejectJoined = (_) => {
  };
  let leaving = Promise.resolve();
  let cancelRetry = () => {
  };
  let cancelDeadline = () => {
  };
  let stopWaking = () => {
  };
  let cancelRoll = () => {
  };
  const sender = () => next?.stage === "pausing" || next?.stage === "joining" ? void 0 : current;
  const outbox = createOutbox(environment, sender);
  const calls = createCalls(timers, outbox);
  const gathering = createGathering(timers, (to, frame) => {
    outbox.post({ ...frame, to }, (error) => events.undelivered(to, error));
  });
  const setState = (to) => {
    if (state === to) return;
    state = to;
    events.state(to);
  };
  const closed = () => new MeshError("CLOSED", "The mesh was left.");
  const end = (error) => {
    cancelRetry();
    cancelDeadline();
    stopWaking();
    cancelRoll();
    leaving = Promise.all([next?.leave(), current?.leave()]).then(() => {
    });
    next = current = void 0;
    setState("left");
    outbox.end(closed());
    gathering.end();
    rejectJoined(error);
  };
  const giveUp = (error) => {
    if (state === "left") return;
    end(error);
    events.error(error);
  };
  const connect = () => {
    cancelRetry();
    if (next !== void 0 || state === "left") return;
    handingOver = false;
    next = openConnection({
      ...options,
      environment,
      prepare: () => prepareJoin(options, resumeKey),
      pause: () => current === void 0 ? 0 : outbox.sentAt + QUIET_MS - timers.now(),
      welcomed,
      refused,
      frame: (connection, frame) => state !== "left" && dispatch(connection, frame),
      ended,
      traffic: events.traffic
    });
  };
  const connectIn = (ms) => {
    cancelRetry();
    cancelRetry = timers.after(ms, connect);
  };
  const judge = () => {
    const lasted = welcomedAt !== void 0 && timers.now() - welcomedAt >= LASTING_MS;
    failures = lasted ? 0 : failures + 1;
  };
  const ended = (connection, error, stage) => {
    if (connection === current) lost(connection, error);
    else if (connection === next) failed(error, stage);
  };
  const lost = (connection, error) => {
    current = void 0;
    cancelRoll();
    judge();
    if (next === void 0) connectIn(backoff(failures, random));
    outbox.lost(connection);
    handingOver = next?.stage === "joining";
    if (!handingOver) setState("reconnecting");
    events.error(error);
  };
  const failed = (error, stage, waitMs = 0) => {
    next = void 0;
    lastError = error;
    if (stage === "preparing" && welcomedAt === void 0) return giveUp(error);
    if (stage === "joining") lostJoinAt ??= timers.now();
    connectIn(Math.max(waitMs, backoff(failures++, random)));
    if (current === void 0 && welcomedAt !== void 0) setState("reconnecting");
    outbox.flush();
    events.error(error);
  };
  const refused = (connection, error, retryAfter) => {
    const wait = retryAfter + (error.retryable ? backoff(connection.joins, random) : 0);
    if (error.retryable && connection.joins < MAX_JOINS) return connection.joinAgain(wait);
    const history = {
      welcomed: welcomedAt !== void 0,
      lostJoinAge: lostJoinAt && timers.now() - lostJoinAt,
      freshToken: typeof token === "function" && !tokenRefused
    };
    if (!mayJoinAnew(error, history)) return giveUp(error);
    tokenRefused = error.code === "UNAUTHORIZED";
    connection.close();
    failed(error, error.retryable ? "joining" : "ended", wait);
  };
  const welcomed = (connection, frame) => {
    const before = current;
    const resumed = before !== void 0 || handingOver;
    if (before !== void 0) {
      judge();
      before.retire();
    }
    current = connection;
    next = void 0;
    handingOver = tokenRefused = false;
    lostJoinAt = void 0;
    welcomedAt = timers.now();
    cancelDeadline();
    remember(frame);
    setState("joined");
    const { iceServers } = frame;
    events.welcome({ peers: peersOf(frame), iceServers: Array.isArray(iceServers) ? iceServers : void 0 }, resumed);
    resolveJoined();
    outbox.flush();
  };
  const remember = (frame) => {
    const { reconnectBefore } = frame;
    if (typeof frame.resumeKey === "string") resumeKey = frame.resumeKey;
    cancelRoll();
    if (typeof reconnectBefore !== "number") return;
    const leastMs = failures === 0 ? 0 : backoffLimit(failures);
    cancelRoll = alarm(timers, Math.max(leastMs, rollAfter(environment, reconnectBefore)), connect);
  };
  const dispatch = createDispatch({
    events,
    outbox,
    calls,
    welcomedAgain: (connection, frame) => connection === current && remember(frame),
    // The one that is being replaced hears that it is.
    goAway: (connection) => connection === current && next === void 0 && connectIn(random() * GO_AWAY_SPREAD_MS),
    // While a join of ours is under way, it is what took the id.
    replaced: (connection, error) => connection === current && next?.stage !== "joining" && giveUp(error),
    outlawed(connection, error) {
      if (error.code === "UNAUTHORIZED" && typeof token !== "function") return giveUp(error);
      if (connection !== current) return;
      connection.close();
      lost(connection, error);
    }
  });
  const wake = () => {
    if (current !== void 0) current.probe();
    else connect();
  };
  return {
    get state() {
      return state;
    },
    join() {
      if (joined !== void 0) return joined;
      if (state === "left") return Promise.reject(closed());
      joined = new Promise((resolve, reject) => {
        resolveJoined = resolve;
        rejectJoined = reject;
      });
      cancelDeadline = timers.after(
        JOIN_DEADLINE_MS,
        () => giveUp(new MeshError("TIMEOUT", "Not joined in time.", { cause: lastError }))
      );
      stopWaking = environment.onWake(wake);
      setState("joining");
      connect();
      return joined;
    },
    leave() {
      if (state !== "left") end(closed());
      return leaving;
    },
    send: gathering.send,
    findPeers: calls.findPeers
  };
}

// client/signaling/url.ts
function signalingUrl(transportName, options) {
  const { stage, region } = options;
  const onAws = transportName === "aws-websocket";
  let url = onAws ? options.url : options.signalingServerUrl ?? options.url;
  if (!url) throw bad(`A ${onAws ? "url" : "signalingServerUrl"} is needed.`);
  if (onAws && /^\w+$/.test(url)) {
    if (!region) throw bad(`A region is needed with ${url}.`);
    url = `wss://${url}.execute-api.${region}.amazonaws.com${region.startsWith("cn-") ? ".cn" : ""}`;
  }
  if (!/^wss?:/.test(url) || !URL.canParse(url)) throw bad(`A URL with ws: or wss: is needed; got ${url}.`);
  const parsed = new URL(url);
  parsed.hash = "";
  if (onAws) {
    const defaultStage = parsed.hostname.includes(".execute-api.") ? "prod" : "";
    parsed.pathname = parsed.pathname.replace(/\/+$/, "") || (stage ?? defaultStage);
  }
  return parsed.href;
}
function bad(message) {
  return new MeshError("BAD_OPTIONS", message);
}

// client/options.ts
var ID_RULE = "1 to 128 printable characters";
function readOptions(options = {}) {
  const { transportName = "websocket", transportOptions = {}, token, iceServers, signal, webrtc } = options;
  const { heartbeatInterval = HEARTBEAT_INTERVAL_MS, tokenAt = "join" } = transportOptions;
  const { signalingServerUrl = options.signalingServerUrl } = transportOptions;
  const environment = defaultEnvironment({
    WebSocket: options.WebSocket,
    RTCPeerConnection: webrtc?.RTCPeerConnection
  });
  const { peerId = environment.randomHex(40), room = "default", maxPeers = DEFAULT_MAX_PEERS } = options;
  const faults = [];
  const check = (name, value, holds, rule) => holds || faults.push(`${name} must be ${rule}; got ${value}.`);
  const checkChoice = (name, value, ...choices) => check(name, value, choices.includes(value), choices.join(" or "));
  const { WebSocket, RTCPeerConnection } = environment;
  check("WebSocket", WebSocket, WebSocket !== void 0, "that of `ws`, in Node.js before 22");
  check("webrtc", RTCPeerConnection, RTCPeerConnection !== void 0, "`@roamhq/wrtc`, in Node.js");
  checkChoice("transportName", transportName, "aws-websocket", "websocket");
  checkChoice("tokenAt", tokenAt, "join", "connect");
  check("peerId", peerId, isId(peerId), ID_RULE);
  check("room", room, isId(room), ID_RULE);
  check("maxPeers", maxPeers, Number.isInteger(maxPeers) && maxPeers >= 1, "a whole number from 1");
  check("heartbeatInterval", heartbeatInterval, heartbeatInterval >= 1e3, "ms from 1000");
  check("iceServers", iceServers, iceServers === void 0 || Array.isArray(iceServers), "a list");
  let url = "";
  try {
    url = signalingUrl(transportName, { ...transportOptions, signalingServerUrl });
  } catch (error) {
    faults.push(error.message);
  }
  if (faults.length > 0) throw new MeshError("BAD_OPTIONS", faults.join(" "));
  return { environment, url, peerId, room, maxPeers, token, tokenAt, heartbeatInterval, iceServers, signal };
}

// client/webrtc/chunks.ts
var LAST = 0;
var MORE = 1;
var PING = 2;
var PONG = 3;
function* split(message) {
  const room = CHUNK_BYTES - 1;
  let start = 0;
  do {
    const piece = message.subarray(start, start += room);
    const frame = new Uint8Array(piece.length + 1);
    frame[0] = start < message.length ? MORE : LAST;
    frame.set(piece, 1);
    yield frame;
  } while (start < message.length);
}
function createJoiner(limit) {
  let held = new Uint8Array(0);
  let length = 0;
  return {
    add(frame) {
      const piece = frame.subarray(1);
      if (length + piece.length > limit) return "too large";
      if (length === 0 && frame[0] === LAST) return piece;
      if (length + piece.length > held.length) {
        const larger = new Uint8Array(Math.max(length + piece.length, held.length * 2));
        larger.set(held.subarray(0, length));
        held = larger;
      }
      held.set(piece, length);
      length += piece.length;
      if (frame[0] !== LAST) return void 0;
      const whole = held.subarray(0, length);
      held = new Uint8Array(0);
      length = 0;
      return whole;
    }
  };
}

// client/webrtc/channel.ts
function createChannel({ timers }, raw, framed, events) {
  const joiner = createJoiner(MAX_DATA_BYTES + MAX_HEADER_BYTES);
  const waiting = [];
  let waitingBytes = 0;
  let closed = false;
  let heardAt = timers.now();
  let drainedAt = heardAt;
  let stopPolling;
  const ended = () => passing("CLOSED", "The link ended.");
  const die = () => {
    if (closed) return;
    close();
    events.dead();
  };
  const close = () => {
    closed = true;
    stopChecking();
    stopPolling?.();
    for (const { settle } of waiting.splice(0)) settle(ended());
  };
  const put = (frame) => {
    try {
      raw.send(frame);
    } catch {
      die();
    }
  };
  const pump = () => {
    stopPolling?.();
    stopPolling = void 0;
    for (let first = waiting[0]; first !== void 0 && !closed; first = waiting[0]) {
      if (raw.bufferedAmount >= BUFFER_HIGH_BYTES) {
        stopPolling = timers.after(DRAIN_POLL_MS, pump);
        return;
      }
      drainedAt = timers.now();
      const { done, value } = first.frames.next();
      if (!done) {
        put(value);
        continue;
      }
      waiting.shift();
      waitingBytes -= first.size;
      first.settle();
    }
  };
  const check = () => {
    const now = timers.now();
    if (waiting.length === 0) drainedAt = now;
    if (now - drainedAt > CHANNEL_DEAD_MS || framed && now - heardAt > CHANNEL_DEAD_MS) return die();
    stopChecking = timers.after(CHANNEL_CHECK_MS, check);
    if (framed && now - heardAt >= CHANNEL_SILENCE_MS) put(Uint8Array.of(PING));
  };
  const receive = (data) => {
    if (closed) return;
    heardAt = timers.now();
    if (typeof data === "string") {
      if (!framed && data.length <= MAX_DATA_BYTES) events.message(data);
      return;
    }
    if (!(data instanceof ArrayBuffer)) return;
    const frame = new Uint8Array(data);
    if (!framed) return receive(decodeText(frame));
    if (frame[0] === PING && raw.bufferedAmount < BUFFER_HIGH_BYTES) put(Uint8Array.of(PONG));
    if (frame[0] !== LAST && frame[0] !== MORE) return;
    const message = joiner.add(frame);
    if (message === "too large") die();
    else if (message !== void 0) events.message(message);
  };
  let stopChecking = timers.after(CHANNEL_CHECK_MS, check);
  raw.bufferedAmountLowThreshold = BUFFER_LOW_BYTES;
  raw.onbufferedamountlow = pump;
  raw.onmessage = (event) => receive(event.data);
  return {
    close,
    async send(message) {
      if (closed) throw ended();
      const size = message.length;
      if (waitingBytes + size > MAX_WAITING_BYTES) throw passing("BUFFER_FULL", "Too much waits to be sent.");
      return new Promise((resolve, reject) => {
        waitingBytes += size;
        waiting.push({
          frames: typeof message === "string" ? [message].values() : split(message),
          size,
          settle: (error) => error === void 0 ? resolve() : reject(error)
        });
        if (stopPolling === void 0) pump();
      });
    }
  };
}

// client/webrtc/stats.ts
async function readStats(connection) {
  const reports = new Map(await connection.getStats().catch(() => []));
  const all = [...reports.values()];
  const isNamed = (id) => all.some(({ selectedCandidatePairId }) => selectedCandidatePairId === id);
  const pair = all.find(({ id, selected }) => selected || isNamed(id));
  if (pair === void 0) return void 0;
  const local = reports.get(pair.localCandidateId);
  const { bytesSent = 0, bytesReceived = 0, currentRoundTripTime: seconds } = pair;
  return {
    localType: local?.candidateType,
    remoteType: reports.get(pair.remoteCandidateId)?.candidateType,
    protocol: local?.protocol,
    roundTripTime: seconds && seconds * 1e3,
    bytesSent,
    bytesReceived
  };
}

// client/webrtc/attempt.ts
var LABEL = "p2pmesh";
function createAttempt({ environment, iceServers, earlyCandidates }, id, role, events) {
  const { timers } = environment;
  const configuration = () => ({ iceServers: [...iceServers()] });
  const connection = new environment.RTCPeerConnection(configuration());
  let foreign = id === void 0;
  let raw;
  let channel;
  let closed = false;
  let gathering = true;
  let described = false;
  let cancelTrouble;
  let restarting = false;
  let work = Promise.resolve();
  const close = () => {
    if (closed) return;
    closed = true;
    cancelDeadline();
    cancelTrouble?.();
    channel?.close();
    raw?.close();
    connection.close();
  };
  const end = (why) => {
    if (closed) return;
    close();
    events.end(why);
  };
  const step = (run) => {
    work = work.then(() => closed ? void 0 : run()).catch(() => end("failed"));
  };
  const gathered = (again) => new Promise((resolve) => {
    if (!again && connection.iceGatheringState === "complete") return resolve();
    const cancel = timers.after(GATHERING_MS, resolve);
    connection.onicegatheringstatechange = () => {
      if (connection.iceGatheringState !== "complete") return;
      cancel();
      resolve();
    };
  });
  const describe = async (type, iceRestart) => {
    if (iceRestart) connection.setConfiguration(configuration());
    gathering = true;
    await connection.setLocalDescription(
      await (type === "offer" ? connection.createOffer({ iceRestart }) : connection.createAnswer())
    );
    await gathered(iceRestart);
    gathering = false;
    if (!closed) events.signal({ type, sdp: connection.localDescription?.sdp ?? "" });
  };
  const addCandidate = ({ candidate }) => {
    connection.addIceCandidate(candidate).catch(() => {
    });
  };
  const accept = async (description) => {
    const { type, sdp } = description;
    if (type === "answer" && connection.signalingState !== "have-local-offer") return;
    if (type === "answer") foreign = description.attempt === void 0;
    await connection.setRemoteDescription({ type, sdp });
    described = true;
    for (const candidate of earlyCandidates(id)) addCandidate(candidate);
    if (type === "offer") await describe("answer", channel !== void 0);
  };
  const mend = () => {
    cancelTrouble?.();
    cancelTrouble = void 0;
    if (channel === void 0 || foreign || restarting) return end("failed");
    restarting = true;
    if (role === "caller") step(() => describe("offer", true));
    else events.signal({ type: "renegotiate" });
    cancelTrouble = timers.after(RESTART_MS, () => {
      if (connection.connectionState !== "connected") return end("failed");
      cancelTrouble = void 0;
      restarting = false;
    });
  };
  const watch = () => {
    const state = connection.connectionState;
    if (state === "connected") {
      cancelTrouble?.();
      cancelTrouble = void 0;
      restarting = false;
    } else if (state === "disconnected")
      cancelTrouble ??= timers.after(DISCONNECTED_MS * (role === "caller" ? 1 : 2), mend);
    else if (state === "failed") mend();
    else if (state === "closed") end("failed");
  };
  const use = (opened) => {
    raw = opened;
    opened.binaryType = "arraybuffer";
    opened.onclose = () => end("left");
    const ready = () => {
      if (closed || channel !== void 0) return;
      cancelDeadline();
      channel = createChannel(environment, opened, !foreign, {
        message: events.message,
        dead: () => end("failed")
      });
      events.open();
    };
    opened.onopen = ready;
    if (opened.readyState === "open") ready();
  };
  const cancelDeadline = timers.after(ATTEMPT_TIMEOUT_MS, () => end("failed"));
  connection.onconnectionstatechange = watch;
  connection.onicecandidate = ({ candidate }) => {
    if (gathering || closed || !candidate?.candidate) return;
    const [address = ""] = candidate.candidate.split(" typ ");
    if (connection.localDescription?.sdp.includes(address)) return;
    events.signal({ type: "candidate", candidate: candidate.toJSON() });
  };
  if (role === "caller") {
    use(connection.createDataChannel(LABEL));
    step(() => describe("offer", false));
  } else {
    connection.ondatachannel = (event) => raw === void 0 ? use(event.channel) : event.channel.close();
  }
  return {
    id,
    role,
    close,
    get isOpen() {
      return channel !== void 0;
    },
    get foreign() {
      return foreign;
    },
    send: (message) => channel?.send(message),
    stats: () => readStats(connection),
    receive(signal) {
      if (signal.type === "candidate") {
        if (described) addCandidate(signal);
        return described;
      }
      if (signal.type === "renegotiate") {
        if (role === "caller" && channel !== void 0 && !restarting) mend();
      } else if (signal.type === "answer" === (role === "caller")) {
        step(() => accept(signal));
      }
      return true;
    }
  };
}

// client/webrtc/link.ts
var createLink = (options, events) => {
  const { environment, selfId, peerId } = options;
  const { timers } = environment;
  let attempt;
  let state = "connecting";
  let since = timers.now();
  let wanted = false;
  let tries = 0;
  let cancelRetry;
  let closed = false;
  const enter = (next) => {
    if (state === next) return;
    state = next;
    since = timers.now();
    if (next === "open") events.open();
    else events.lost();
  };
  const end = (why) => {
    if (closed) return;
    closed = true;
    if (state === "open") events.lost();
    events.end(why);
  };
  const over = (why) => {
    attempt = void 0;
    if (state === "open") tries = 0;
    if (why === "left" && state === "open") return end("left");
    if (!wanted) return end("broken");
    if (tries >= LINK_TRIES) return end("failed");
    enter("connecting");
    if (!closed) cancelRetry = timers.after(environment.random() * RETRY_BASE_MS * 2 ** (tries - 1), call);
  };
  const begin = (id, role) => {
    attempt?.close();
    attempt = void 0;
    cancelRetry?.();
    enter("connecting");
    if (closed) return;
    try {
      attempt = createAttempt(options, id, role, {
        signal: (signal) => events.signal({ ...signal, attempt: id, ..."sdp" in signal && options.marks() }),
        open: () => enter("open"),
        message: events.message,
        end: over
      });
    } catch {
      over("failed");
    }
  };
  const call = () => {
    if (closed || attempt !== void 0) return;
    wanted = true;
    tries++;
    begin(environment.randomHex(16), "caller");
  };
  const calling = () => attempt?.role === "caller" && !attempt.isOpen ? attempt.id : void 0;
  return {
    peerId,
    get state() {
      return state;
    },
    get since() {
      return since;
    },
    get foreign() {
      return attempt?.foreign ?? false;
    },
    get calling() {
      return calling();
    },
    call,
    receive(signal) {
      if (closed) return true;
      const belongs = attempt !== void 0 && (signal.attempt ?? attempt.id) === attempt.id;
      if (signal.type !== "offer") return belongs && attempt?.receive(signal) === true;
      const ours = signal.attempt !== void 0;
      if (calling() !== void 0 && ours && selfId < peerId) return true;
      if (!belongs || !ours) begin(signal.attempt, "called");
      attempt?.receive(signal);
      return true;
    },
    send: (message) => attempt?.send(message),
    stats: () => attempt?.stats(),
    close() {
      if (closed) return;
      closed = true;
      cancelRetry?.();
      attempt?.close();
      if (state === "open") events.lost();
    }
  };
};

// client/index.ts
async function createMesh(options) {
  const settings = readOptions(options);
  return assembleMesh({
    ...settings,
    openSession: (events) => createSession(settings, settings.environment, events),
    createLink
  });
}
export {
  MeshError,
  createMesh
};
