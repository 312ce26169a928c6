// Made by scripts/build-client.mjs out of client/: change that, then `npm run build`.

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
  const remove = (name, belongs) => {
    const found = entries.get(name)?.findIndex(belongs) ?? -1;
    if (found >= 0) entries.set(name, (entries.get(name) ?? []).toSpliced(found, 1));
  };
  const add = (name, listener, once) => {
    const off = () => remove(name, (other) => other === entry);
    const entry = {
      listener,
      call: (values) => {
        if (once) off();
        listener(...values);
      }
    };
    entries.set(name, [...entries.get(name) ?? [], entry]);
    return off;
  };
  return {
    on: (name, listener) => add(name, listener, false),
    once: (name, listener) => add(name, listener, true),
    off: (name, listener) => remove(name, (entry) => entry.listener === listener),
    emit(name, ...values) {
      for (const entry of entries.get(name) ?? []) {
        try {
          entry.call(values);
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
  code;
  peerId;
  retryable;
  constructor(code, message, { peerId, retryable = false, cause } = {}) {
    super(message, cause === void 0 ? void 0 : { cause });
    this.code = code;
    this.peerId = peerId;
    this.retryable = retryable;
  }
};

// client/limits.ts
var SECOND = 1e3;
var MINUTE = 60 * SECOND;
var HEARTBEAT_INTERVAL_MS = 4 * MINUTE;
var PONG_TIMEOUT_MS = 10 * SECOND;
var UNANSWERED_MS = 20 * SECOND;
var CLOCK_CHECK_MS = 30 * SECOND;
var SLEPT_MS = 90 * SECOND;
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
var MAX_REMEMBERED_FRAMES = 512;
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
function isObject(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

// client/mesh/envelope.ts
var encoder = new TextEncoder();
var decoder = new TextDecoder("utf-8", { fatal: true });
var NEWLINE = 10;
function encodeEnvelope({ header, body }) {
  const head = encoder.encode(`${JSON.stringify(header)}
`);
  const bytes = new Uint8Array(head.length + body.length);
  bytes.set(head);
  bytes.set(body, head.length);
  return bytes;
}
function decodeEnvelope(bytes) {
  const end = bytes.subarray(0, MAX_HEADER_BYTES).indexOf(NEWLINE);
  const header = parseJson(bytes.subarray(0, Math.max(0, end)));
  return isObject(header) ? { header, body: bytes.subarray(end + 1) } : void 0;
}
function encodeData(data) {
  const binary = data instanceof ArrayBuffer || ArrayBuffer.isView(data);
  const body = binary ? bytesOf(data).slice() : encoder.encode(toJson(data));
  if (body.length > MAX_DATA_BYTES) {
    throw new MeshError("TOO_LARGE", `The data has ${body.length} bytes; ${MAX_DATA_BYTES} may be sent.`);
  }
  return { body, binary };
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
  if (json === void 0) throw new MeshError("BAD_REQUEST", "The data is neither bytes nor JSON.");
  return json;
}
function decodeData(body, binary) {
  return binary ? body.slice() : parseJson(body);
}
function parseJson(bytes) {
  try {
    return JSON.parse(decoder.decode(bytes));
  } catch {
    return void 0;
  }
}

// client/mesh/island.ts
function createIsland({ timers, selfId, neighbours, send }) {
  const heard = /* @__PURE__ */ new Map();
  let own = { root: selfId, seq: timers.now(), at: timers.now(), parent: selfId };
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
    const now = timers.now();
    const last = own.root === selfId ? own.seq : 0;
    adopt({ root: selfId, seq: Math.max(last + 1, now), at: now, parent: selfId });
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
      memory = { at: now, newest: Number.NEGATIVE_INFINITY, early: [] };
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
      const taken = memory.early.filter((candidate) => candidate.attempt === attempt);
      memory.early = [];
      return taken;
    }
  };
}

// client/mesh/links.ts
function createLinks(options) {
  const { environment, selfId, maxPeers, send } = options;
  const links = /* @__PURE__ */ new Map();
  const inbox = createInbox(environment.timers);
  let order = environment.timers.now();
  const ids = (state) => [...links.values()].filter((link) => link.state === state).map((link) => link.peerId);
  const make = (peerId) => {
    const isCurrent = () => links.get(peerId) === link;
    const link = options.createLink(
      {
        environment,
        selfId,
        peerId,
        iceServers: options.iceServers,
        caller: options.caller,
        nextOrder: () => ++order,
        earlyCandidates: (attempt) => inbox.take(peerId, attempt)
      },
      {
        signal: (signal) => send(peerId, { type: "signal", signal }),
        open: () => options.opened(peerId),
        message: (message) => options.message(peerId, message),
        lost: () => options.lost(peerId),
        end(why) {
          if (!isCurrent()) return;
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
    all: () => [...links.values()],
    ids,
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
  if (!Array.isArray(value)) return [];
  return value.slice(0, MAX_ALTERNATIVES).filter(isId);
}

// client/mesh/neighbourhood.ts
function createNeighbourhood(options) {
  const { environment, selfId, maxPeers, island, open, connecting, call, drop } = options;
  const { timers, random } = environment;
  const fewest = Math.min(FEWEST_LINKS, Math.max(1, maxPeers - 1));
  const known = new BoundedMap(MAX_KNOWN_PEERS);
  let closed = false;
  let cancelCheck;
  let pause = CHECK_MS;
  let nextSeek = 0;
  let nextBridge = 0;
  let asked = 0;
  const used = () => open().length + connecting().length;
  const hasLink = (peerId) => open().includes(peerId) || connecting().includes(peerId);
  const jittered = (ms) => ms * (0.75 + random() / 2);
  const learn = (peerId, notBefore = 0) => {
    if (peerId === selfId || known.has(peerId)) return false;
    known.set(peerId, { notBefore, strikes: 0, steps: 0 });
    return true;
  };
  const leaveAlone = (peerId) => {
    learn(peerId);
    const entry = known.get(peerId);
    if (entry === void 0) return 0;
    const { steps } = entry;
    entry.steps = 0;
    entry.notBefore = timers.now() + jittered(Math.min(COOLDOWN_MS * 2 ** entry.strikes++, ASK_MAX_MS));
    return steps;
  };
  const hasPlaceFor = (replaceable) => used() < maxPeers + Math.min(OVERLAP_LINKS, replaceable);
  const rotated = (peerIds) => {
    const start = Math.floor(random() * peerIds.length);
    return [...peerIds.slice(start), ...peerIds.slice(0, start)];
  };
  const fill = () => {
    const missing = fewest - used();
    if (closed || missing <= 0) return;
    const callable = [...known].filter(([peerId, { notBefore }]) => notBefore <= timers.now() && !hasLink(peerId));
    const candidates = rotated(callable.map(([peerId]) => peerId)).slice(0, missing);
    candidates.forEach(call);
    if (candidates.length < missing) void seek();
  };
  const seek = async () => {
    const now = timers.now();
    const few = open().length < fewest;
    if (now < nextSeek || !(few || island.root === selfId)) return;
    nextSeek = now + jittered(pause);
    pause = Math.min(pause * 2, ASK_MAX_MS);
    const target = few && asked++ === 0 ? selfId : environment.randomHex(40);
    const found = await options.findPeers(target).catch(() => []);
    const isNew = found.map((peerId) => learn(peerId)).includes(true);
    if (few && isNew) soon();
    if (few) return fill();
    for (const peerId of rotated(found).slice(0, MAX_PROBES)) {
      if (closed || peerId === selfId || await options.reaches(peerId)) continue;
      soon();
      return bridge(peerId, MAX_BRIDGE_STEPS);
    }
  };
  const soon = () => {
    pause = CHECK_MS;
    nextSeek = Math.min(nextSeek, timers.now() + pause);
  };
  const bridge = (peerId, steps) => {
    if (closed || hasLink(peerId) || peerId === selfId) return;
    if (hasPlaceFor(island.redundant().length)) {
      learn(peerId);
      const entry = known.get(peerId);
      if (entry !== void 0) entry.steps = steps;
      return call(peerId);
    }
    const [next] = rotated(options.kin());
    if (steps > 0 && next !== void 0) options.passBridge(next, peerId, Math.min(steps, MAX_BRIDGE_STEPS) - 1);
  };
  const trim = () => {
    for (let over = open().length - maxPeers; over > 0; over--) {
      const [richest] = island.redundant();
      if (richest === void 0) return;
      leaveAlone(richest.peerId);
      drop(richest.peerId);
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
    known.delete(peerId);
    const patience = peerId < selfId ? jittered(PATIENCE_MS) : 0;
    if (closed || !learn(peerId, timers.now() + patience)) return;
    if (patience > 0) timers.after(patience, fill);
    else if (!hasLink(peerId) && used() < maxPeers) call(peerId);
  };
  return {
    introduced(peerIds) {
      peerIds.forEach(meet);
      nextSeek = timers.now() + PATIENCE_MS;
      if (cancelCheck === void 0) scheduleCheck();
    },
    joined: meet,
    answer(peerId, { island: theirs, links = 0 }) {
      learn(peerId);
      const redundant = island.redundant();
      const rich = redundant.filter((neighbour) => neighbour.links > links + 1);
      const accepted = used() < maxPeers || theirs !== island.root && hasPlaceFor(redundant.length) || links < fewest && hasPlaceFor(rich.length);
      return accepted && !closed ? void 0 : rotated(open()).slice(0, MAX_ALTERNATIVES);
    },
    refused(peerId, alternatives) {
      const steps = leaveAlone(peerId) || (open().length === 0 ? MAX_BRIDGE_STEPS : 0);
      for (const other of alternatives) learn(other);
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
function toP2pmesh(peerId, { header, body }, now) {
  if (header.b === 1 || header.p === 1 || header.a !== void 0) return void 0;
  const payload = decodeData(body, false);
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
    return read(JSON.parse(text));
  } catch {
    return void 0;
  }
}
function read(value) {
  if (!isObject(value)) return void 0;
  if (value.type === "direct" && value.payload !== void 0) {
    return { header: {}, body: encodeData(value.payload).body };
  }
  if (value.type !== "gossip" || !isObject(value.data)) return void 0;
  const { id, originPeerId, payload, hops } = value.data;
  if (payload === void 0 || !Number.isInteger(hops)) return void 0;
  const h = MAX_HOPS - hops;
  return { header: { i: id, f: originPeerId, h }, body: encodeData(readPayload(payload)).body };
}
function readPayload(payload) {
  if (typeof payload !== "string" || !/^[{[]/.test(payload)) return payload;
  try {
    return JSON.parse(payload);
  } catch {
    return payload;
  }
}

// client/mesh/routing.ts
var NOTHING = new Uint8Array(0);
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
  const ask = (to, fields, body, i = newId(), n = 1) => new Promise((resolve, reject) => {
    if (closed) return reject(ended());
    if (unanswered.size >= MAX_UNDELIVERED) {
      return reject(new MeshError("BUFFER_FULL", "Too many messages wait for an answer.", { retryable: true }));
    }
    const settle = (answer) => {
      cancel();
      unanswered.delete(i);
      if (typeof answer !== "boolean") reject(answer);
      else resolve(answer || n > 1 || neighbours().length === 0 ? answer : ask(to, fields, body, i, 2));
    };
    const cancel = timers.after(DELIVERY_TIMEOUT_MS, () => settle(false));
    unanswered.set(i, settle);
    const sent = towards(to, { header: { i, n, f: selfId, t: to, h: MAX_HOPS, ...fields }, body }, void 0, n > 1);
    if (sent.length === 0) settle(false);
    Promise.any(sent).catch(({ errors }) => errors.length > 0 && settle(errors[0]));
  });
  const handle = (via, header, body) => {
    const { i, n, f, t, h } = header;
    if (f === selfId || !remember(`${f} ${i} ${n === 2}`)) return;
    routes.set(f, via);
    if (t !== void 0 && t !== selfId) {
      if (h > 1) ignoreLoss(towards(t, { header: { ...header, h: h - 1 }, body }, via, n === 2));
      return;
    }
    if (t === selfId && header.a !== void 0) return unanswered.get(header.a)?.(true);
    if (t === selfId) {
      ignoreLoss(towards(f, answerTo(f, i, selfId, newId())));
    }
    if (t === void 0 && h > 1) ignoreLoss(flood({ header: { ...header, h: h - 1 }, body }, via));
    if (header.p === 1 || !remember(`${f} ${i}`)) return;
    hand(f, header, body, via === f);
  };
  const hand = (from, header, body, direct) => {
    const data = decodeData(body, header.b === 1);
    if (data !== void 0) deliver({ from, data, direct });
  };
  return {
    async send(to, data) {
      const { body, binary } = encodeData(data);
      const fields = binary ? { b: 1 } : {};
      if (neighbours().includes(to)) return transmit(to, { header: fields, body });
      if (to !== selfId && await ask(to, fields, body)) return;
      throw new MeshError("NO_ROUTE", `No way leads to ${to}.`, { peerId: to, retryable: true });
    },
    async broadcast(data) {
      if (closed) throw ended();
      const { body, binary } = encodeData(data);
      const header = { i: newId(), f: selfId, h: MAX_HOPS, ...binary && { b: 1 } };
      const results = await Promise.allSettled(flood({ header, body }));
      const failed = results.find((result) => result.status === "rejected");
      if (failed !== void 0 && results.every((result) => result.status === "rejected")) throw failed.reason;
    },
    reaches: async (peerId) => neighbours().includes(peerId) || await ask(peerId, { p: 1 }, NOTHING).catch(() => false),
    receive(via, { header, body }) {
      if (header.i === void 0) hand(via, header, body, true);
      else if (isRouted(header)) handle(via, header, body);
    },
    close() {
      closed = true;
      for (const settle of [...unanswered.values()]) settle(ended());
    }
  };
}
function answerTo(to, a, from, id) {
  return { header: { i: id, f: from, t: to, h: MAX_HOPS, a }, body: NOTHING };
}
function isRouted({ i, f, h }) {
  return isId(i) && isId(f) && Number.isInteger(h) && h >= 1 && h <= MAX_HOPS;
}

// client/mesh/mesh.ts
var NOTHING2 = new Uint8Array(0);
function assembleMesh({ environment, peerId: selfId, room, maxPeers, signal, ...parts }) {
  const { on, once, off, emit } = createEmitter();
  let iceServers = parts.iceServers ?? [];
  const discovered = new BoundedMap(MAX_KNOWN_PEERS);
  const departed = /* @__PURE__ */ new Set();
  let leaving;
  const open = () => links.ids("open");
  const kin = () => open().filter((peerId) => links.get(peerId)?.foreign === false);
  const transmit = async (peerId, envelope) => {
    const link = links.get(peerId);
    if (link === void 0) throw new MeshError("CLOSED", "The link ended.", { peerId, retryable: true });
    if (!link.foreign) return link.send(encodeEnvelope(envelope));
    const text = toP2pmesh(peerId, envelope, environment.timers.now());
    if (text !== void 0) await link.send(text);
    const { t, f, i, a } = envelope.header;
    if (t === peerId && a === void 0) routing.receive(peerId, answerTo(f, i, peerId, environment.randomHex(16)));
  };
  const sendControl = (peerId, header) => {
    transmit(peerId, { header, body: NOTHING2 }).catch(() => {
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
    caller: () => ({ island: island.root, links: open().length }),
    // The server takes up to 32,000 bytes; a description that long is one that nobody could answer.
    send: (to, frame) => session.send(to, frame),
    answer: (peerId, caller) => neighbourhood.answer(peerId, caller),
    refused: (peerId, alternatives) => neighbourhood.refused(peerId, alternatives),
    wanted: (peerId) => neighbourhood.joined(peerId),
    opened(peerId) {
      neighbourhood.opened(peerId);
      if (open().includes(peerId)) emit("peer:connect", peerId);
    },
    message: receive,
    lost(peerId) {
      island.closed(peerId);
      emit("peer:disconnect", peerId);
    },
    ended(peerId, why) {
      if (why === "failed") {
        const fault = `No link to ${peerId} came about.`;
        emit("error", new MeshError("LINK_FAILED", fault, { peerId, retryable: true }));
      }
      if (departed.has(peerId)) gone(peerId);
      else neighbourhood.ended(peerId);
    }
  });
  const island = createIsland({
    timers: environment.timers,
    selfId,
    neighbours: kin,
    send: (peerId, beacon) => sendControl(peerId, { k: "beacon", ...beacon })
  });
  const routing = createRouting({
    environment,
    selfId,
    neighbours: open,
    transmit,
    deliver: (message) => emit("message", message)
  });
  const neighbourhood = createNeighbourhood({
    environment,
    selfId,
    maxPeers,
    island,
    open,
    kin,
    connecting: () => links.ids("connecting"),
    call: links.call,
    drop: links.close,
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
      if (open().includes(peerId)) return void departed.add(peerId);
      links.close(peerId);
      gone(peerId);
    },
    frame: links.receive,
    undelivered(peerId, { code }) {
      if (code !== "PEER_NOT_FOUND" || open().includes(peerId) && !departed.has(peerId)) return;
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
    leaving ??= Promise.resolve();
    neighbourhood.close();
    routing.close();
    for (const { peerId } of links.all()) links.close(peerId);
  };
  const leave = () => {
    if (leaving === void 0) {
      leaving = session.leave();
      shutDown();
    }
    return leaving;
  };
  if (signal?.aborted) void leave();
  signal?.addEventListener("abort", leave, { once: true });
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
      return open();
    },
    links: () => links.all().map(({ peerId, state, since }) => ({ peerId, state, since })),
    stats: async (peerId) => links.get(peerId)?.stats(),
    join: () => session.join().catch((error) => {
      throw signal?.aborted ? new MeshError("ABORTED", "The signal said to stop.", { cause: signal.reason }) : error;
    }),
    leave,
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
  const missing = [
    WebSocket === void 0 && "WebSocket (in Node.js before 22 pass that of `ws`)",
    RTCPeerConnection === void 0 && "RTCPeerConnection (in Node.js pass `@roamhq/wrtc` as `webrtc`)"
  ].filter((what) => what !== false);
  if (missing.length > 0) throw new MeshError("BAD_OPTIONS", `Not there: ${missing.join(", ")}.`);
  return {
    timers: {
      now: Date.now,
      after(ms, callback) {
        const timer = setTimeout(callback, ms);
        return () => clearTimeout(timer);
      }
    },
    random: Math.random,
    randomHex(digits) {
      const bytes = crypto.getRandomValues(new Uint8Array(Math.ceil(digits / 2)));
      return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("").slice(0, digits);
    },
    WebSocket,
    RTCPeerConnection,
    onWake
  };
}
function onWake(callback) {
  const page = globalThis.document;
  const world = typeof globalThis.addEventListener === "function" ? globalThis : void 0;
  const seen = () => {
    if (page.visibilityState === "visible") callback();
  };
  world?.addEventListener("online", callback);
  world?.addEventListener("pageshow", callback);
  page?.addEventListener("visibilitychange", seen);
  return () => {
    world?.removeEventListener("online", callback);
    world?.removeEventListener("pageshow", callback);
    page?.removeEventListener("visibilitychange", seen);
  };
}

// client/signaling/backoff.ts
function backoffLimit(failures) {
  return Math.min(BACKOFF_MAX_MS, BACKOFF_BASE_MS * 2 ** failures);
}
function backoff(failures, random) {
  return random() * backoffLimit(failures);
}

// client/signaling/frames.ts
function readFrame(data) {
  try {
    const value = JSON.parse(data);
    return typeof value === "object" && value !== null ? value : void 0;
  } catch {
    return void 0;
  }
}
function withoutSecrets({ token: _, resumeKey: __, ...frame }) {
  return frame;
}
function passing(code, message, cause) {
  return new MeshError(code, message, { retryable: true, cause });
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
  return new TextEncoder().encode(JSON.stringify(frame)).length;
}
function peersOf({ peers }) {
  return Array.isArray(peers) ? peers.filter((peer) => typeof peer?.id === "string") : [];
}

// client/signaling/calls.ts
function createCalls(timers, outbox) {
  const calls = /* @__PURE__ */ new Set();
  return {
    findPeers: (query) => new Promise((resolve, reject) => {
      const end = () => {
        cancel();
        calls.delete(call);
        outbox.settle(id);
      };
      const failed = (error) => {
        end();
        reject(error);
      };
      const call = {
        target: query.target,
        answered(peers) {
          end();
          resolve(peers);
        }
      };
      calls.add(call);
      const cancel = timers.after(CALL_TIMEOUT_MS, () => failed(passing("TIMEOUT", "The server did not answer.")));
      const id = outbox.post({ ...query, type: "find_peers" }, failed);
    }),
    answer(target, peers) {
      for (const call of calls) {
        if (call.target === target) return call.answered(peers);
      }
    }
  };
}

// client/signaling/liveness.ts
function createLiveness({ timers, intervalMs, ping, dead }) {
  let heardAt = timers.now();
  let activeAt = heardAt;
  let unansweredAt;
  let pingedAt;
  let pardoned = false;
  let plannedAt = heardAt;
  let cancel = () => {
  };
  const dueAt = () => {
    if (pingedAt !== void 0) return pingedAt + PONG_TIMEOUT_MS;
    return Math.min(activeAt + intervalMs, (unansweredAt ?? Number.POSITIVE_INFINITY) + UNANSWERED_MS);
  };
  const plan = () => {
    cancel();
    const wait = Math.min(CLOCK_CHECK_MS, Math.max(0, dueAt() - timers.now()));
    plannedAt = timers.now() + wait;
    cancel = timers.after(wait, look);
  };
  const ask = () => {
    pingedAt = activeAt = timers.now();
    ping();
    plan();
  };
  const look = () => {
    const now = timers.now();
    const late = Math.abs(now - plannedAt);
    if (pingedAt !== void 0 && now - pingedAt >= PONG_TIMEOUT_MS) {
      if (pardoned || late < PONG_TIMEOUT_MS / 2) return dead();
      pardoned = true;
      return ask();
    }
    if (late > SLEPT_MS || pingedAt === void 0 && now >= dueAt()) return ask();
    plan();
  };
  plan();
  return {
    get heardAt() {
      return heardAt;
    },
    heard() {
      const asked = pingedAt !== void 0;
      heardAt = activeAt = timers.now();
      pingedAt = unansweredAt = void 0;
      pardoned = false;
      if (asked) plan();
    },
    sent() {
      activeAt = timers.now();
      if (unansweredAt !== void 0) return;
      unansweredAt = activeAt;
      plan();
    },
    probe() {
      if (pingedAt === void 0) ask();
    },
    stop: () => cancel()
  };
}

// client/signaling/connection.ts
var OPEN = 1;
var nothing = () => {
};
function openConnection(duties) {
  const { environment, url } = duties;
  const { timers } = environment;
  const [where] = url.split("?");
  let stage = "preparing";
  let socket;
  let join;
  let joins = 0;
  let liveness;
  let cancelTimer = nothing;
  const early = [];
  const wait = (ms, callback) => {
    cancelTimer();
    cancelTimer = timers.after(ms, callback);
  };
  const expect = (ms, what) => wait(ms, () => end(passing("TIMEOUT", `${what} within ${ms / 1e3} s.`)));
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
    if (socket === void 0) return;
    socket.onerror = socket.onopen = socket.onmessage = socket.onclose = nothing;
    socket.close();
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
    expect(JOIN_TIMEOUT_MS, "The server did not answer the join");
    write(join);
  };
  const answersJoin = (frame) => {
    const { type, from } = frame;
    if (stage !== "joining") return false;
    if (from === void 0 && type === "bootstrap_peers") {
      stage = "joined";
      cancelTimer();
      liveness = createLiveness({
        timers,
        intervalMs: duties.heartbeatInterval,
        ping: () => write({ type: "ping" }),
        dead: () => end(passing("TIMEOUT", "The server no longer answers."))
      });
      duties.welcomed(connection, frame);
      handOnEarly();
    } else if (from === void 0 && (type === "error" || type === void 0)) {
      duties.refused(connection, errorOf(frame), retryAfterOf(frame));
    } else if (type === "go_away") {
      end(passing("CLOSED", "The server is going away."));
    } else {
      early.push(frame);
    }
    return true;
  };
  const open = (frame) => {
    if (stage !== "preparing") return;
    join = frame;
    stage = "opening";
    expect(JOIN_TIMEOUT_MS, `No connection to ${where}`);
    try {
      socket = new environment.WebSocket(url);
    } catch (cause) {
      return end(passing("CLOSED", `No connection to ${where}.`, cause));
    }
    socket.onopen = () => {
      stage = "pausing";
      const ms = duties.pause();
      if (ms > 0) wait(ms, sendJoin);
      else sendJoin();
    };
    socket.onmessage = ({ data }) => {
      liveness?.heard();
      const received = readFrame(data);
      if (received === void 0) return;
      duties.traffic("in", withoutSecrets(received));
      if (!answersJoin(received)) duties.frame(connection, received);
    };
    socket.onerror = nothing;
    socket.onclose = ({ code, reason }) => {
      const what = stage === "opening" ? "No connection" : "The connection ended";
      end(passing("CLOSED", `${what}: ${where}, ${code} ${reason}`));
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
      return liveness?.heardAt ?? 0;
    },
    send(frame) {
      write(frame);
      liveness?.sent();
    },
    joinAgain: (afterMs) => wait(afterMs, sendJoin),
    probe: () => liveness?.probe(),
    retire() {
      liveness?.stop();
      wait(RETIRE_MS, () => end(passing("CLOSED", "Another has taken its place.")));
    },
    close,
    leave() {
      const leaving = socket;
      const told = joins > 0 && isOpen();
      if (told) write({ type: "leave" });
      stage = "ended";
      if (leaving === void 0 || !told) {
        close();
        return Promise.resolve();
      }
      liveness?.stop();
      return new Promise((resolve) => {
        const done = () => {
          close();
          resolve();
        };
        leaving.onmessage = nothing;
        leaving.onclose = done;
        wait(LEAVE_TIMEOUT_MS, done);
      });
    }
  };
  expect(TOKEN_TIMEOUT_MS, "The token did not come");
  duties.prepare().then(open, (cause) => {
    end(passing("UNAUTHORIZED", "No token could be had.", cause));
  });
  return connection;
}

// client/signaling/marks.ts
var NONCE_DIGITS = 12;
var MARK = /^[0-9a-f]{12}-[0-9a-z]+$/;
function newMarks(randomHex) {
  const nonce = randomHex(NONCE_DIGITS);
  let count = 0;
  return () => `${nonce}-${(count++).toString(36)}`;
}
function createRepetitions() {
  const known = /* @__PURE__ */ new Set();
  return ({ from, id }) => {
    if (typeof id !== "string" || !MARK.test(id)) return false;
    const mark = `${id} ${from}`;
    if (known.has(mark)) return true;
    known.add(mark);
    for (const oldest of known) {
      if (known.size <= MAX_REMEMBERED_FRAMES) break;
      known.delete(oldest);
    }
    return false;
  };
}

// client/signaling/dispatch.ts
function createDispatch(duties) {
  const { events, outbox, calls } = duties;
  const isRepeated = createRepetitions();
  const refused = (connection, frame) => {
    const { code, id, requestType, to } = frame;
    let error = errorOf(frame);
    if (requestType === "join") return;
    if (code === "PEER_ID_TAKEN" && requestType === void 0) return duties.replaced(connection, error);
    const outlawed = code === "NOT_JOINED" || code === "ALREADY_JOINED" || code === "UNAUTHORIZED";
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
      const { from: _, to: __, id: ___, ...content } = frame;
      if (!isRepeated(frame)) events.frame(from, content);
    } else if (type === "peer_joined") events.peerJoined(String(peerId));
    else if (type === "peer_left") events.peerLeft(String(peerId));
    else if (type === "pong") duties.clock(frame.timestamp);
    else if (type === "go_away") duties.goAway(connection);
    else if (type === "error") refused(connection, frame);
    else if (type === "bootstrap_peers") {
      if (frame.resumeKey === void 0) calls.answer(frame.target, peersOf(frame));
      else duties.welcomedAgain(connection, frame);
    } else if (type === void 0 && typeof frame.message === "string") events.error(errorOf(frame));
  };
}

// lambda/core/limits.ts
var SECOND2 = 1e3;
var MINUTE2 = 60 * SECOND2;
var HOUR = 60 * MINUTE2;
var MAX_MESSAGE_BYTES = 32e3;
var MAX_CONNECTION_AGE_MS = 2 * HOUR;
var MAX_IDLE_MS = 10 * MINUTE2;
var LEASE_MARGIN_MS = 5 * MINUTE2;
var RECONNECT_MARGIN_MS = 5 * MINUTE2;
var RECONNECT_WITHIN_MS = 5 * SECOND2;
var CLOCK_SKEW_MS = 30 * SECOND2;
var RATE_CALM_MS = 10 * SECOND2;
var GATEWAY_MAX_MESSAGE_BYTES = 128 * 1024;

// client/signaling/batch.ts
function isCandidate(frame) {
  const { type, signal, ...beside } = frame;
  return type === "signal" && Object(signal).candidate !== void 0 && Object.keys(beside).length === 0;
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
        const message = `A frame of ${bytes} bytes is larger than ${MAX_MESSAGE_BYTES} bytes.`;
        throw new MeshError("TOO_LARGE", message, { peerId: to });
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
async function joinFrame({ peerId, room, token }, resumeKey) {
  const value = typeof token === "function" ? await token() : token;
  if (token !== void 0 && typeof value !== "string")
    throw new TypeError(`A token is a string; got ${typeof value}.`);
  return { type: "join", peerId, room, resumeKey, token: value };
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
  const newId = newMarks(environment.randomHex);
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
      fail(oldest, passing("BUFFER_FULL", "Too much is waiting to be sent."));
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
    let next = Number.POSITIVE_INFINITY;
    for (const entry of queue) {
      const late = entry.since + MAX_QUEUED_MS;
      const at = Math.max(entry.notBefore, resumeAt, sentAt + pace);
      if (late <= now) {
        drop(entry);
        fail(entry, entry.refusal ?? passing("TIMEOUT", "It could not be sent in time."));
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
      const id = newId();
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

// client/signaling/alarm.ts
function alarm(timers, time, callback) {
  let cancel = () => {
  };
  const look = () => {
    const left = time - timers.now();
    if (left <= 0) callback();
    else cancel = timers.after(Math.min(left, CLOCK_CHECK_MS), look);
  };
  cancel = timers.after(Math.min(Math.max(0, time - timers.now()), CLOCK_CHECK_MS), look);
  return () => cancel();
}

// client/signaling/rollover.ts
function createRollover({ timers, random }, { due, clockUnknown }) {
  let ahead = 0;
  let target;
  let earliest = 0;
  let cancel = () => {
  };
  const set = () => {
    cancel();
    if (target !== void 0) cancel = alarm(timers, Math.max(earliest, target - ahead), due);
  };
  return {
    plan(reconnectBefore, atLeastMs) {
      target = void 0;
      cancel();
      if (typeof reconnectBefore !== "number") return;
      const now = timers.now();
      const left = reconnectBefore - ahead - now;
      const possible = left > 0 && left <= CONNECTION_AGE_MS;
      target = reconnectBefore - random() * Math.min(Math.max(0, left) / 10, ROLL_SPREAD_MS);
      earliest = now + Math.max(atLeastMs, possible ? 0 : PONG_TIMEOUT_MS);
      set();
      if (!possible) clockUnknown();
    },
    clock(timestamp) {
      if (typeof timestamp !== "number") return;
      ahead = timestamp - timers.now();
      set();
    },
    stop() {
      target = void 0;
      cancel();
    }
  };
}

// client/signaling/create-session.ts
function createSession(options, environment, events) {
  const { peerId, room, token } = options;
  const { timers, random } = environment;
  let state = "new";
  let current;
  let next;
  const replaced = /* @__PURE__ */ new Set();
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
  const sender = () => next?.stage === "pausing" || next?.stage === "joining" ? void 0 : current;
  const outbox = createOutbox(environment, sender);
  const calls = createCalls(timers, outbox);
  const gathering = createGathering(timers, (to, frame) => {
    outbox.post({ ...frame, to }, (error) => events.undelivered(to, error));
  });
  const rollover = createRollover(environment, { clockUnknown: () => current?.probe(), due: () => connect() });
  const setState = (to) => {
    if (state === to) return;
    state = to;
    events.state(to);
  };
  const closed = () => new MeshError("CLOSED", "The session has ended.");
  const end = (error) => {
    cancelRetry();
    cancelDeadline();
    stopWaking();
    rollover.stop();
    for (const connection of replaced) connection.close();
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
      url: options.url,
      environment,
      heartbeatInterval: options.heartbeatInterval ?? HEARTBEAT_INTERVAL_MS,
      prepare: () => joinFrame(options, resumeKey),
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
    if (replaced.delete(connection)) return;
    if (connection === current) lost(connection, error);
    else if (connection === next) failed(error, stage);
  };
  const lost = (connection, error) => {
    current = void 0;
    rollover.stop();
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
      replaced.add(before);
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
    const servers = Array.isArray(iceServers) && { iceServers };
    events.welcome({ peerId, room, peers: peersOf(frame), ...servers }, resumed);
    resolveJoined();
    outbox.flush();
  };
  const remember = (frame) => {
    if (typeof frame.resumeKey === "string") resumeKey = frame.resumeKey;
    rollover.plan(frame.reconnectBefore, failures === 0 ? 0 : backoffLimit(failures));
  };
  const dispatch = createDispatch({
    events,
    outbox,
    calls,
    clock: rollover.clock,
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
        () => giveUp(new MeshError("TIMEOUT", `Not joined within ${JOIN_DEADLINE_MS / 1e3} s.`, { cause: lastError }))
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
    send(to, frame) {
      gathering.send(to, frame);
    },
    findPeers(query = {}) {
      return state === "new" || state === "left" ? Promise.reject(closed()) : calls.findPeers(query);
    }
  };
}

// client/signaling/url.ts
function signalingUrl(transportName, options) {
  const { stage, region } = options;
  const onAws = transportName === "aws-websocket";
  let url = onAws ? options.url : options.signalingServerUrl ?? options.url;
  if (!url) throw bad(onAws ? "A url is needed: that of the API, or its id." : "A signalingServerUrl is needed.");
  if (onAws && /^\w+$/.test(url)) {
    if (!region) throw bad(`A region is needed with the API id ${url}.`);
    url = `wss://${url}.execute-api.${region}.amazonaws.com${region.startsWith("cn-") ? ".cn" : ""}`;
  }
  if (!/^wss?:/.test(url) || !URL.canParse(url)) throw bad(`A URL with ws: or wss: is needed; got ${url}.`);
  const parsed = new URL(url);
  parsed.hash = "";
  if (onAws) {
    const path = parsed.pathname.replace(/\/+$/, "");
    const mayAdd = stage !== void 0 || parsed.hostname.includes(".execute-api.");
    parsed.pathname = path === "" && mayAdd ? stage ?? "prod" : path;
  }
  return parsed.href;
}
function bad(message) {
  return new MeshError("BAD_OPTIONS", message);
}

// client/options.ts
function readOptions(options = {}) {
  const { transportName = "websocket", transportOptions = {}, token, iceServers, signal } = options;
  const { room = "default", maxPeers = DEFAULT_MAX_PEERS } = options;
  const { heartbeatInterval } = transportOptions;
  const faults = [];
  const attempt = (read2) => {
    try {
      return read2();
    } catch (error) {
      faults.push(error.message);
      return void 0;
    }
  };
  const check = (name, value, holds, rule) => holds || faults.push(`${name} must be ${rule}; got ${value}.`);
  const environment = attempt(
    () => defaultEnvironment({ WebSocket: options.WebSocket, RTCPeerConnection: options.webrtc?.RTCPeerConnection })
  );
  const { signalingServerUrl = options.signalingServerUrl } = transportOptions;
  const url = attempt(() => signalingUrl(transportName, { ...transportOptions, signalingServerUrl }));
  const peerId = options.peerId ?? environment?.randomHex(40) ?? "0";
  const isKnown = transportName === "aws-websocket" || transportName === "websocket";
  check("transportName", transportName, isKnown, "aws-websocket or websocket");
  check("peerId", peerId, isId(peerId), ID_RULE);
  check("room", room, isId(room), ID_RULE);
  check("maxPeers", maxPeers, Number.isInteger(maxPeers) && maxPeers >= 1, "a whole number from 1");
  const isInterval = heartbeatInterval === void 0 || heartbeatInterval >= 1e3;
  check("heartbeatInterval", heartbeatInterval, isInterval, "ms from 1000");
  check("iceServers", iceServers, iceServers === void 0 || Array.isArray(iceServers), "a list");
  if (faults.length > 0 || environment === void 0 || url === void 0) {
    throw new MeshError("BAD_OPTIONS", faults.join(" "));
  }
  return { environment, url, peerId, room, maxPeers, token, heartbeatInterval, iceServers, signal };
}
var ID_RULE = "1 to 128 characters, no control characters";

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
  const die = () => {
    if (closed) return;
    close();
    events.dead();
  };
  const close = () => {
    closed = true;
    stopChecking();
    stopPolling?.();
    for (const { settle } of waiting.splice(0)) settle(new MeshError("CLOSED", "The link ended.", { retryable: true }));
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
    if (!framed) return receive(new TextDecoder().decode(frame));
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
    send(message) {
      if (closed) return Promise.reject(new MeshError("CLOSED", "The link ended.", { retryable: true }));
      const size = message.length;
      if (waitingBytes + size > MAX_WAITING_BYTES) {
        return Promise.reject(new MeshError("BUFFER_FULL", "Too much waits for this link.", { retryable: true }));
      }
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
  const reports = /* @__PURE__ */ new Map();
  try {
    (await connection.getStats()).forEach((report) => {
      reports.set(report.id, report);
    });
  } catch {
    return void 0;
  }
  const all = [...reports.values()];
  const pair = reports.get(all.find(({ selectedCandidatePairId }) => selectedCandidatePairId)?.selectedCandidatePairId) ?? // Firefox names the pair in no transport.
  all.find(({ selected }) => selected);
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
function createAttempt({ environment, iceServers, id, role }, events) {
  const { timers } = environment;
  const connection = new environment.RTCPeerConnection({ iceServers: [...iceServers] });
  const early = [];
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
    gathering = true;
    await connection.setLocalDescription(
      await (type === "offer" ? connection.createOffer({ iceRestart }) : connection.createAnswer())
    );
    await gathered(iceRestart);
    gathering = false;
    if (!closed) events.signal({ type, sdp: connection.localDescription?.sdp ?? "" });
  };
  const addCandidate = (candidate) => {
    connection.addIceCandidate(candidate).catch(() => {
    });
  };
  const accept = async (description) => {
    const { type, sdp } = description;
    if (type === "answer" && connection.signalingState !== "have-local-offer") return;
    if (type === "answer") foreign = description.attempt === void 0;
    await connection.setRemoteDescription({ type, sdp });
    described = true;
    for (const candidate of early.splice(0)) addCandidate(candidate);
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
      return channel !== void 0 && !closed;
    },
    get foreign() {
      return foreign;
    },
    send: (message) => channel?.send(message) ?? Promise.reject(new MeshError("CLOSED", "The link is not open.")),
    stats: () => readStats(connection),
    receive(signal) {
      if (closed) return;
      if (signal.type === "offer" || signal.type === "answer") {
        if (signal.type === "answer" === (role === "caller")) step(() => accept(signal));
      } else if (signal.type === "renegotiate") {
        if (role === "caller" && channel !== void 0 && !restarting) mend();
      } else if (signal.type === "candidate") {
        if (described) addCandidate(signal.candidate);
        else if (early.length < MAX_EARLY_CANDIDATES) early.push(signal.candidate);
      }
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
    const isCurrent = () => attempt === own;
    let own;
    try {
      own = createAttempt(
        { environment, iceServers: options.iceServers(), id, role },
        {
          signal(signal) {
            const marks = "sdp" in signal && { order: options.nextOrder(), ...options.caller() };
            events.signal({ ...signal, attempt: id, ...marks });
          },
          open: () => isCurrent() && enter("open"),
          message: events.message,
          end: (why) => isCurrent() && over(why)
        }
      );
      attempt = own;
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
  const answer = (offer) => {
    begin(offer.attempt, "called");
    attempt?.receive(offer);
    for (const candidate of options.earlyCandidates(offer.attempt)) attempt?.receive(candidate);
  };
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
      return attempt?.role === "caller" && !attempt.isOpen ? attempt.id : void 0;
    },
    call,
    receive(signal) {
      if (closed) return true;
      const belongs = attempt !== void 0 && (signal.attempt ?? attempt.id) === attempt.id;
      if (signal.type !== "offer") {
        if (belongs) attempt?.receive(signal);
        return belongs;
      }
      const crossed = attempt?.role === "caller" && !attempt.isOpen;
      if (crossed && signal.attempt !== void 0 && selfId < peerId) return true;
      if (belongs && signal.attempt !== void 0) attempt?.receive(signal);
      else answer(signal);
      return true;
    },
    send: (message) => attempt?.send(message) ?? Promise.reject(new MeshError("CLOSED", "The link is not open.", { retryable: true })),
    stats: async () => attempt?.stats(),
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
  const { environment, url, token, heartbeatInterval, ...settings } = readOptions(options);
  const { peerId, room } = settings;
  return assembleMesh({
    ...settings,
    environment,
    openSession: (events) => createSession({ url, peerId, room, token, heartbeatInterval }, environment, events),
    createLink
  });
}
export {
  MeshError,
  createMesh
};
