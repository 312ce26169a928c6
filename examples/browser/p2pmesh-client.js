// Made by scripts/build-client.mjs from client/. Change the sources, then run `npm run build:client -- --page`.

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
    this.reason = details.reason;
  }
};
function passing(code, message, details) {
  return new MeshError(code, message, { ...details, retryable: true });
}
function badOptions(message) {
  return new MeshError("BAD_OPTIONS", message);
}

// protocol/limits.ts
var MINUTE_MS = 6e4;
var MAX_MESSAGE_BYTES = 32e3;
var MAX_ID_LENGTH = 128;
var MIN_OWNER_KEY_LENGTH = 22;
var MAX_OWNER_KEY_LENGTH = 128;
var MAX_CONNECTION_AGE_MS = 120 * MINUTE_MS;
var MAX_IDLE_MS = 10 * MINUTE_MS;
var GATEWAY_MAX_FRAME_BYTES = 32 * 1024;
var GATEWAY_MAX_MESSAGE_BYTES = 128 * 1024;

// client/ids.ts
function isId(value) {
  return typeof value === "string" && value !== "" && value.length <= MAX_ID_LENGTH && !/[\p{Cc}\p{Cf}\p{Cs}]/u.test(value);
}
function isKademliaId(id) {
  return /^[0-9a-f]{40}$/i.test(id);
}

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
var BoundedMemory = class {
  #keys;
  constructor(limit) {
    this.#keys = new BoundedMap(limit);
  }
  /** Takes note of a key. @returns whether it was new */
  isNew(key) {
    if (this.#keys.has(key)) return false;
    this.#keys.set(key, true);
    return true;
  }
};

// client/limits.ts
var SECOND = 1e3;
var MINUTE = 60 * SECOND;
var HEARTBEAT_INTERVAL_MS = 4 * MINUTE;
var PONG_TIMEOUT_MS = 10 * SECOND;
var PROBE_PONG_TIMEOUT_MS = 2 * SECOND;
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
var GATHERING_MS = 150;
var ATTEMPT_TIMEOUT_MS = 15 * SECOND;
var LINK_TRIES = 3;
var RETRY_BASE_MS = 2 * SECOND;
var DISCONNECTED_MS = 2 * SECOND;
var RESTART_MS = 10 * SECOND;
var REPEAT_MS = 2.5 * SECOND;
var PROBE_MS = 1.5 * SECOND;
var DOUBT_POLL_MS = SECOND / 2;
var UNHEARD_MS = SECOND / 2;
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
var WAITING_COST_BYTES = 256;
var BURST_FRAMES = 256;
var CHANNEL_CHECK_MS = 5 * SECOND;
var CHANNEL_SILENCE_MS = 15 * SECOND;
var CHANNEL_DEAD_MS = 40 * SECOND;
var DEFAULT_MAX_PEERS = 8;
var FEWEST_LINKS = 5;
var OVERLAP_LINKS = 2;
var CHECK_MS = 10 * SECOND;
var BEACON_MAX_AGE_MS = 3.5 * CHECK_MS;
var MAX_BEACONS = 32;
var BEACONS_MS = CHECK_MS;
var ASK_MAX_MS = 10 * MINUTE;
var PATIENCE_MS = 3 * SECOND;
var COOLDOWN_MS = 30 * SECOND;
var MAX_KNOWN_PEERS = 256;
var MAX_ROSTER_PEERS = 4096;
var MAX_DEMANDS = 6;
var DEMANDS_MS = 10 * SECOND;
var MAX_TOLD_LINKS = 65535;
var MAX_ALTERNATIVES = 8;
var MAX_PROBES = 3;
var BRIDGE_PAUSE_MS = 2 * SECOND;
var MAX_BRIDGE_STEPS = 16;
var MAX_HOPS = 16;
var MAX_SEEN_MESSAGES = 4096;
var MAX_ROUTES = 1024;
var BROADCAST_BLOCK = 512;
var MAX_BROADCAST_BLOCKS = 8;
var MAX_ORIGINS = 2048;
var BROADCAST_REORDER = 64;
var BROADCAST_IDLE_MS = 10 * MINUTE;
var DELIVERY_TIMEOUT_MS = 3 * SECOND;
var DRAIN_MS = 5 * SECOND;
var PROBE_ANSWER_MS = SECOND;
var MAX_UNDELIVERED = 256;

// client/limiter.ts
var Limiter = class {
  #timers;
  #times;
  #ms;
  #windows = new BoundedMap(MAX_KNOWN_PEERS);
  constructor(timers, times, ms) {
    this.#timers = timers;
    this.#times = times;
    this.#ms = ms;
  }
  allows(peerId) {
    const now = this.#timers.elapsed();
    let window = this.#windows.get(peerId);
    if (window === void 0 || now - window.since >= this.#ms) {
      window = { since: now, count: 0 };
      this.#windows.set(peerId, window);
    }
    return ++window.count <= this.#times;
  }
};

// client/webrtc/failure.ts
var MESSAGES = {
  ice: "no path to it was found",
  timeout: "it did not answer in time",
  refused: "the browser makes no connection",
  description: "a session description was not accepted",
  "too-large": "the session description is too large for the server"
};
function linkFailure(reason, cause) {
  return { reason, message: MESSAGES[reason], cause };
}
function noPath(iceServers, cause) {
  const hint = iceServers.length === 0 ? "; without a STUN or TURN server only peers of one network link up" : "";
  return { reason: "ice", message: MESSAGES.ice + hint, cause };
}
function descriptionFailure(cause) {
  return linkFailure(cause instanceof MeshError && cause.code === "TOO_LARGE" ? "too-large" : "description", cause);
}
function linkFailed(peerId, { reason, message, cause }) {
  const details = { peerId, reason, retryable: true };
  const text = `No link to ${peerId}: ${message}.`;
  return new MeshError("LINK_FAILED", text, cause === void 0 ? details : { ...details, cause });
}

// client/mesh/island.ts
var Island = class {
  #options;
  #heard = /* @__PURE__ */ new Map();
  #own;
  constructor(options) {
    this.#options = options;
    this.#own = this.#asRoot(options.timers.now());
  }
  get root() {
    return this.#own.root;
  }
  connected(peerId) {
    this.#tell([peerId]);
  }
  disconnected(peerId) {
    this.#heard.delete(peerId);
    if (this.#options.neighbours().length === 0) this.#beRoot();
    else if (this.#own.parent === peerId) this.#orphan();
  }
  receive(from, beacon) {
    this.#heard.set(from, beacon);
    const { selfId, timers } = this.#options;
    const { root, seq, age, parent } = beacon;
    const own = this.#own;
    if (root === selfId) return;
    const better = root < own.root || root === own.root && seq > own.seq;
    if (better && parent !== selfId && parent !== "") {
      this.#adopt({ root, seq, at: timers.elapsed() - age, parent: from });
    } else if (from === own.parent && root === own.root && parent === "") this.#orphan();
  }
  /** To be called every `CHECK_MS`, more or less. */
  tick() {
    if (this.#own.root === this.#options.selfId || this.#age() > BEACON_MAX_AGE_MS) this.#beRoot();
  }
  /** Neighbours that the island reaches without the link to them; the ones with the most links first. */
  redundant() {
    const own = this.#own;
    if (own.parent === "" || this.#age() > 2 * CHECK_MS) return [];
    return this.#options.neighbours().flatMap((peerId) => {
      const beacon = this.#heard.get(peerId);
      if (beacon?.root !== own.root || beacon.seq !== own.seq) return [];
      const inTree = peerId === own.parent || beacon.parent === this.#options.selfId || beacon.parent === "";
      return inTree ? [] : [{ peerId, links: beacon.links }];
    }).sort((a, b) => b.links - a.links);
  }
  #age() {
    return this.#options.timers.elapsed() - this.#own.at;
  }
  #asRoot(seq) {
    const { selfId, timers } = this.#options;
    return { root: selfId, seq, at: timers.elapsed(), parent: selfId };
  }
  #beRoot() {
    const last = this.#own.root === this.#options.selfId ? this.#own.seq : 0;
    this.#adopt(this.#asRoot(Math.max(last + 1, this.#options.timers.now())));
  }
  /** The tree is broken here. Until the next beacon no peer below may take a link for one too many. */
  #orphan() {
    this.#adopt({ ...this.#own, parent: "" });
  }
  #adopt(next) {
    this.#own = next;
    this.#tell(this.#options.neighbours());
  }
  #tell(peerIds) {
    const { root, seq, parent } = this.#own;
    const age = Math.round(this.#age());
    if (age > BEACON_MAX_AGE_MS) return;
    const links = this.#options.neighbours().length;
    this.#options.send(peerIds, { kind: "beacon", root, seq, age, parent, links });
  }
};

// client/webrtc/inbox.ts
function createInbox(timers) {
  const memories = new BoundedMap(MAX_REMEMBERED_PEERS);
  const memoryOf = (from) => {
    const now = timers.elapsed();
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
var Links = class {
  on;
  #emit;
  #options;
  #links = /* @__PURE__ */ new Map();
  #inbox;
  #demands;
  /** Starts with the wall clock, so that it goes on when the program starts again with the same id. */
  #order;
  constructor(options) {
    const { on, emit } = createEmitter();
    this.on = on;
    this.#emit = emit;
    this.#options = options;
    const { timers } = options.environment;
    this.#inbox = createInbox(timers);
    this.#demands = new Limiter(timers, MAX_DEMANDS, DEMANDS_MS);
    this.#order = timers.now();
  }
  get(peerId) {
    return this.#links.get(peerId);
  }
  /** Every link, also one in the making. */
  all() {
    return [...this.#links.values()];
  }
  /** Peers with an open link. */
  open() {
    return this.all().flatMap(({ peerId, state }) => state === "open" ? [peerId] : []);
  }
  /** Calls a peer, unless there is a link. */
  call(peerId) {
    if (peerId !== this.#options.selfId && !this.#links.has(peerId)) this.#make(peerId).call();
  }
  /** Closes a link. No `end` follows. */
  close(peerId) {
    const link = this.#links.get(peerId);
    this.#links.delete(peerId);
    link?.close();
  }
  /** Takes a frame that a peer sent through the server. */
  receive(from, frame) {
    if (from === this.#options.selfId) return;
    switch (frame.type) {
      case "connection_rejected":
        return this.#takeRejection(from, frame);
      case "signal_rejected":
        return this.#takeConflict(from, frame);
      case "connect_request":
        return this.#want(from, true);
      default:
        for (const signal of readSignals(frame)) this.#take(from, signal);
    }
  }
  #takeRejection(from, { attempt, alternativePeers }) {
    const calling = this.#links.get(from)?.calling;
    if (calling === void 0 || (attempt ?? calling) !== calling) return;
    this.close(from);
    this.#emit("refused", from, readIds(alternativePeers));
  }
  /** p2pmesh's peer with the smaller id insists on calling. */
  #takeConflict(from, { correctInitiator }) {
    const ours = correctInitiator === this.#options.selfId;
    const calling = this.#links.get(from)?.calling !== void 0;
    if (!ours && !calling) return;
    if (!ours) this.close(from);
    this.#want(from, ours);
  }
  #want(from, awaits) {
    if (this.#demands.allows(from)) this.#emit("wanted", from, awaits);
  }
  #take(from, signal) {
    if (signal.attempt !== void 0 && !isId(signal.attempt)) return;
    if (signal.type === "offer" && !this.#demands.allows(from)) return;
    if ("sdp" in signal && !this.#inbox.isNew(from, signal)) return;
    const link = this.#links.get(from);
    if (link?.receive(signal)) return;
    if (signal.type === "candidate") this.#inbox.keep(from, signal);
    else if (signal.type === "offer" && link === void 0) this.#takeOffer(from, signal);
  }
  #takeOffer(from, offer) {
    const { admit, send, maxPeers } = this.#options;
    const alternativePeers = admit(from, offer);
    if (alternativePeers === void 0) return this.#make(from).receive(offer);
    const { attempt } = offer;
    send(from, { type: "connection_rejected", reason: "max_peers_reached", maxPeers, alternativePeers, attempt });
  }
  #make(peerId) {
    const { environment, selfId, createLink: createLink2, iceServers, caller, send } = this.#options;
    const link = createLink2(
      {
        environment,
        selfId,
        peerId,
        iceServers,
        marks: () => ({ order: ++this.#order, ...caller() }),
        earlyCandidates: (attempt) => this.#inbox.take(peerId, attempt)
      },
      {
        signal: (signal) => send(peerId, { type: "signal", signal }),
        connect: () => this.#emit("connect", link),
        message: (message) => this.#emit("message", peerId, message),
        disconnect: () => this.#emit("disconnect", peerId),
        end: (why, failure) => {
          if (this.#links.get(peerId) !== link) return;
          this.#links.delete(peerId);
          this.#emit("end", peerId, why, failure);
        }
      }
    );
    this.#links.set(peerId, link);
    return link;
  }
};
function readIds(value) {
  return Array.isArray(value) ? value.slice(0, MAX_ALTERNATIVES).filter(isId) : [];
}

// client/data.ts
var tagOf = (value) => Object.prototype.toString.call(value).slice(8, -1);
function bytesOf(value) {
  if (ArrayBuffer.isView(value)) return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
  const isBuffer = tagOf(value) === "ArrayBuffer" || tagOf(value) === "SharedArrayBuffer";
  return isBuffer ? new Uint8Array(value) : void 0;
}
function isBlob(value) {
  return ["Blob", "File"].includes(tagOf(value)) && typeof value.arrayBuffer === "function";
}
async function readBlob(blob, maxBytes) {
  if (blob.size > maxBytes) throw tooLarge(maxBytes, blob.size);
  try {
    return await blob.arrayBuffer();
  } catch (cause) {
    throw new MeshError("BAD_REQUEST", "The file cannot be read: it was changed or removed.", { cause });
  }
}
function tooLarge(maxBytes, bytes) {
  return new MeshError("TOO_LARGE", `Data may have ${maxBytes} bytes; got ${bytes}.`);
}
function toJson(data) {
  try {
    const json = JSON.stringify(data, refuseChanges);
    if (json !== void 0) return json;
  } catch (cause) {
    if (cause instanceof MeshError) throw cause;
    throw new MeshError("BAD_REQUEST", "Data must be bytes or JSON.", { cause });
  }
  throw refusal("undefined", "");
}
var FAITHFUL = /* @__PURE__ */ new Set(["Object", "Array", "String", "Number", "Boolean"]);
function refuseChanges(key, value) {
  const held = this[key];
  if (typeof held === "object" && held !== null) {
    if (bytesOf(held) !== void 0 || isBlob(held)) throw refusal("Bytes within other data", key);
    if (value === null) throw refusal(`An invalid ${tagOf(held)}`, key);
  }
  switch (typeof value) {
    case "number":
      if (!Number.isFinite(value)) throw refusal(String(value), key);
      return value;
    case "undefined":
      if (Array.isArray(this)) throw refusal("undefined in a list", key);
      return value;
    case "function":
    case "symbol":
    case "bigint":
      throw refusal(withArticle(typeof value), key);
    default:
      if (typeof value === "object" && value !== null && !FAITHFUL.has(tagOf(value))) {
        throw refusal(withArticle(tagOf(value)), key);
      }
      return value;
  }
}
var withArticle = (noun) => `${/^[AEIOU]/i.test(noun) ? "An" : "A"} ${noun}`;
function refusal(what, key) {
  const place = key === "" ? "" : ` (at ${JSON.stringify(key.slice(0, 64))})`;
  return new MeshError("BAD_REQUEST", `${what} cannot be sent${place}: data must be bytes, a Blob or JSON.`);
}

// client/mesh/payload.ts
var NO_PAYLOAD = { bytes: false, body: new Uint8Array(0) };
function encodeData(data) {
  const bytes = bytesOf(data);
  const body = bytes === void 0 ? encodeText(toJson(data)) : Uint8Array.from(bytes);
  if (body.length > MAX_DATA_BYTES) throw tooLarge(MAX_DATA_BYTES, body.length);
  return { bytes: bytes !== void 0, body };
}
async function readData(data) {
  return encodeData(isBlob(data) ? await readBlob(data, MAX_DATA_BYTES) : data);
}
function decodeData({ bytes, body }) {
  return bytes ? body.slice() : parseJson(decodeText(body));
}

// client/mesh/frames.ts
var NEWLINE = 10;
var encoded = /* @__PURE__ */ new WeakMap();
function encodeFrame(frame) {
  const known = encoded.get(frame);
  if (known !== void 0) return known;
  const head = encodeText(`${JSON.stringify(headerOf(frame))}
`);
  const { body } = "body" in frame ? frame : NO_PAYLOAD;
  const bytes = new Uint8Array(head.length + body.length);
  bytes.set(head);
  bytes.set(body, head.length);
  encoded.set(frame, bytes);
  return bytes;
}
function decodeFrame(bytes) {
  const end = bytes.subarray(0, MAX_HEADER_BYTES).indexOf(NEWLINE);
  const header = parseJson(decodeText(bytes.subarray(0, Math.max(0, end))));
  return isObject(header) ? readHeader(header, bytes.subarray(end + 1)) : void 0;
}
function headerOf(frame) {
  switch (frame.kind) {
    case "beacon":
    case "bridge": {
      const { kind, ...fields } = frame;
      return { k: kind, ...fields };
    }
    case "direct":
      return { b: flag(frame.bytes) };
    case "routed": {
      const { id, attempt, from, to, hops, answers, probe, bytes } = frame;
      return { i: id, n: attempt, f: from, t: to, h: hops, b: flag(bytes), a: answers, p: flag(probe) };
    }
  }
}
function readHeader(header, body) {
  const { k, i, n, f, t, h, b, a, p, ...fields } = header;
  const bytes = b === 1;
  let frame;
  if (k === "beacon" || k === "bridge") frame = { kind: k, ...fields };
  else if (i === void 0) return { kind: "direct", bytes, body };
  else {
    const [attempt, to, answers] = [n, t, a].map((field) => field ?? void 0);
    frame = {
      kind: "routed",
      id: i,
      attempt,
      from: f,
      to,
      hops: h,
      answers,
      probe: p === 1,
      bytes,
      body
    };
  }
  return isWithinBounds(frame) ? frame : void 0;
}
function isWithinBounds(frame) {
  switch (frame.kind) {
    case "direct":
      return true;
    case "routed": {
      const { id, attempt, from, to, hops, answers } = frame;
      const areIds = [id, from, to ?? id, answers ?? id].every(isId);
      return areIds && isWhole(attempt ?? 1, 1, 2) && isWhole(hops, 1, MAX_HOPS);
    }
    case "beacon": {
      const { root, seq, age, parent, links } = frame;
      const areIds = isId(root) && (parent === "" || isId(parent));
      const areCounts = isWhole(seq, 0, Number.MAX_SAFE_INTEGER) && isWhole(links, 0, MAX_TOLD_LINKS);
      return areIds && areCounts && isWhole(age, 0, BEACON_MAX_AGE_MS);
    }
    case "bridge":
      return isId(frame.to) && isWhole(frame.steps, 0, MAX_BRIDGE_STEPS);
  }
}
function isWhole(value, least, most) {
  return Number.isInteger(value) && value >= least && value <= most;
}
function flag(value) {
  return value ? 1 : void 0;
}

// client/mesh/p2pmesh.ts
var TOPIC = "broadcast";
function toP2pmesh(peerId, frame, now) {
  if (frame.kind === "beacon" || frame.kind === "bridge" || frame.bytes) return void 0;
  const payload = decodeData(frame);
  if (payload === void 0) return void 0;
  if (frame.kind === "direct") return direct(payload);
  if (frame.probe || frame.answers !== void 0) return void 0;
  if (frame.to === peerId) return direct(payload);
  if (frame.to !== void 0) return void 0;
  return gossip(frame, payload, now);
}
function fromP2pmesh(text) {
  try {
    return read(parseJson(text));
  } catch {
    return void 0;
  }
}
function direct(payload) {
  return JSON.stringify({ type: "direct", payload });
}
function gossip({ id, from, hops }, payload, now) {
  return JSON.stringify({
    type: "gossip",
    data: {
      id,
      topic: TOPIC,
      // Their peers write objects as JSON in a string.
      payload: isObject(payload) || Array.isArray(payload) ? JSON.stringify(payload) : payload,
      originPeerId: from,
      timestamp: now,
      hops: MAX_HOPS - hops,
      relayedBy: [from]
    }
  });
}
function read(value) {
  if (!isObject(value)) return void 0;
  if (value.type === "direct" && value.payload !== void 0) return { kind: "direct", ...encodeData(value.payload) };
  if (value.type !== "gossip" || !isObject(value.data)) return void 0;
  const { id, originPeerId, payload, hops } = value.data;
  if (payload === void 0) return void 0;
  const head = { kind: "routed", id, from: originPeerId, hops: MAX_HOPS - hops };
  const frame = { ...head, ...encodeData(readPayload(payload)) };
  return isWithinBounds(frame) ? frame : void 0;
}
function readPayload(payload) {
  const isObjectInString = typeof payload === "string" && /^[{[]/.test(payload);
  return isObjectInString && parseJson(payload) || payload;
}

// client/mesh/neighbour.ts
function ourNeighbour(link) {
  return {
    peerId: link.peerId,
    ours: true,
    send: (frame) => write(link, encodeFrame(frame)),
    read: (message) => typeof message === "string" ? void 0 : decodeFrame(message)
  };
}
function p2pmeshNeighbour(link, timers, delivered) {
  const { peerId } = link;
  return {
    peerId,
    ours: false,
    async send(frame) {
      const isForIt = frame.kind === "direct" || frame.kind === "routed" && frame.to === peerId;
      const text = toP2pmesh(peerId, frame, timers.now());
      if (text !== void 0) await write(link, text);
      else if (isForIt && frame.bytes) {
        throw new MeshError("BAD_REQUEST", "p2pmesh's peers take no bytes.", { peerId });
      }
      if (isForIt && frame.kind === "routed" && frame.answers === void 0) delivered(frame);
    },
    read: (message) => typeof message === "string" ? fromP2pmesh(message) : void 0
  };
}
async function write(link, message) {
  await (link.send(message) ?? Promise.reject(passing("CLOSED", "The link ended.")));
}

// client/mesh/candidates.ts
var Candidates = class {
  #known = new BoundedMap(MAX_KNOWN_PEERS);
  #environment;
  constructor(environment) {
    this.#environment = environment;
  }
  has(peerId) {
    return this.#known.has(peerId);
  }
  learn(peerId) {
    const candidate = this.#known.get(peerId) ?? { notBefore: 0, strikes: 0, steps: 0 };
    if (!this.#known.has(peerId)) this.#known.set(peerId, candidate);
    return candidate;
  }
  forget(peerId) {
    this.#known.delete(peerId);
  }
  /** Leaves a peer alone for a while, twice as long every time. @returns the steps that its bridge had left */
  leaveAlone(peerId) {
    const candidate = this.learn(peerId);
    const { steps } = candidate;
    candidate.steps = 0;
    const ms = Math.min(COOLDOWN_MS * 2 ** candidate.strikes++, ASK_MAX_MS);
    candidate.notBefore = this.#environment.timers.elapsed() + this.jittered(ms);
    return steps;
  }
  /** Peers that may be called now. */
  callable() {
    const now = this.#environment.timers.elapsed();
    return [...this.#known].flatMap(([peerId, { notBefore }]) => notBefore <= now ? [peerId] : []);
  }
  /** Give or take a quarter, so that peers do not act at the same moment. */
  jittered(ms) {
    return ms * (0.75 + this.#environment.random() / 2);
  }
  /** From a random one on, so that each one comes first at times. */
  rotated(peerIds) {
    const start = Math.floor(this.#environment.random() * peerIds.length);
    return [...peerIds.slice(start), ...peerIds.slice(0, start)];
  }
};

// client/mesh/neighbourhood.ts
var Neighbourhood = class {
  #options;
  #candidates;
  /** One less than the limit, so that a newcomer finds place and drives no other peer out. */
  #fewest;
  /** Cancels the timers that wait for the calls of others. */
  #patience = /* @__PURE__ */ new Set();
  #closed = false;
  #cancelCheck;
  #pause = CHECK_MS;
  #nextSeek = 0;
  #nextBridge = 0;
  #asked = 0;
  constructor(options) {
    this.#options = options;
    this.#candidates = new Candidates(options.environment);
    this.#fewest = Math.min(FEWEST_LINKS, Math.max(1, options.maxPeers - 1));
  }
  /** The server listed these peers to us as we joined, and told them of us. The first call starts the checks. */
  introduced(peerIds) {
    for (const peerId of peerIds) this.met(peerId);
    this.#nextSeek = this.#now() + PATIENCE_MS;
    if (this.#cancelCheck === void 0) this.#scheduleCheck();
  }
  /**
   * A newcomer is there, or a peer wants a link. Calls it, if it is this peer's turn to call; else waits for its call.
   * @param knowsUs whether that peer may be about to call
   */
  met(peerId, knowsUs = true) {
    if (this.#closed) return;
    const { environment, links, selfId } = this.#options;
    this.#candidates.forget(peerId);
    const candidate = this.#candidates.learn(peerId);
    if (knowsUs && peerId < selfId) {
      candidate.notBefore = Number.POSITIVE_INFINITY;
      const cancel = environment.timers.after(this.#candidates.jittered(PATIENCE_MS), () => {
        this.#patience.delete(cancel);
        candidate.notBefore = 0;
        this.#fill();
      });
      this.#patience.add(cancel);
    } else if (this.#hasPlace()) links.call(peerId);
  }
  /** @returns the peers that a caller might call instead; undefined: it is let in */
  admit(peerId, { island: theirs, links: count = 0 }) {
    const { island, links } = this.#options;
    this.#candidates.learn(peerId);
    const redundant = island.redundant();
    const rich = redundant.filter((neighbour) => neighbour.links > count + 1);
    const accepted = this.#hasPlace() || theirs !== island.root && this.#hasPlace(redundant.length) || count < this.#fewest && this.#hasPlace(rich.length);
    if (accepted && !this.#closed) return void 0;
    return this.#candidates.rotated(links.open()).slice(0, MAX_ALTERNATIVES);
  }
  /** A peer that we called refused. */
  refused(peerId, alternatives) {
    const { links } = this.#options;
    const left = this.#candidates.leaveAlone(peerId);
    const steps = left || (links.open().length === 0 ? MAX_BRIDGE_STEPS : 0);
    for (const other of alternatives) this.#candidates.learn(other);
    const [next] = this.#candidates.rotated(alternatives.filter((other) => !this.#hasLink(other)));
    if (steps > 0 && next !== void 0) this.#bridge(next, steps - 1);
    else this.#fill();
  }
  connected(peerId) {
    this.#candidates.forget(peerId);
    this.#soon();
    this.#trim();
    this.#options.island.connected(peerId);
  }
  /** A link ended, or did not come about. */
  ended(peerId) {
    this.#candidates.leaveAlone(peerId);
    this.#soon();
    this.#fill();
  }
  /** The server does not know the peer. */
  gone(peerId) {
    this.#candidates.forget(peerId);
    this.#fill();
  }
  /** A neighbour asks for a bridge to a peer of another island. */
  bridge(peerId, steps) {
    if (this.#now() < this.#nextBridge) return;
    this.#nextBridge = this.#now() + BRIDGE_PAUSE_MS;
    this.#bridge(peerId, steps);
  }
  open() {
    this.#closed = false;
  }
  close() {
    this.#closed = true;
    this.#cancelCheck?.();
    this.#cancelCheck = void 0;
    for (const cancel of this.#patience) cancel();
    this.#patience.clear();
  }
  #now() {
    return this.#options.environment.timers.elapsed();
  }
  /** Whether there is no reason to call. */
  #hasLink(peerId) {
    return peerId === this.#options.selfId || this.#options.links.get(peerId) !== void 0;
  }
  /** Whether one more link fits in, if so many could go for it. At most as many as may overlap do so at a time. */
  #hasPlace(replaceable = 0) {
    const { links, maxPeers } = this.#options;
    return links.all().length < maxPeers + Math.min(OVERLAP_LINKS, replaceable);
  }
  /** Calls known peers, and asks for more if they are too few. */
  #fill() {
    const { links } = this.#options;
    const missing = this.#fewest - links.all().length;
    if (this.#closed || missing <= 0) return;
    const callable = this.#candidates.callable().filter((peerId) => !this.#hasLink(peerId));
    const called = this.#candidates.rotated(callable).slice(0, missing);
    for (const peerId of called) links.call(peerId);
    if (called.length < missing) void this.#seek();
  }
  /**
   * Asks the server for peers. With few links, they are called. With enough, only the root of an island asks, and has a
   * peer called that its island does not reach: that peer stands for another island.
   */
  async #seek() {
    const { environment, links, island, selfId, findPeers, reaches } = this.#options;
    const now = this.#now();
    const few = links.open().length < this.#fewest;
    if (now < this.#nextSeek || !(few || island.root === selfId)) return;
    this.#nextSeek = now + this.#candidates.jittered(this.#pause);
    this.#pause = Math.min(this.#pause * 2, ASK_MAX_MS);
    const target = few && this.#asked++ === 0 ? selfId : environment.randomHex(40);
    const found = await findPeers(target).catch(() => []);
    if (few && found.some((peerId) => !this.#hasLink(peerId) && !this.#candidates.has(peerId))) this.#soon();
    for (const peerId of found) this.#candidates.learn(peerId);
    if (few) return this.#fill();
    for (const peerId of this.#candidates.rotated(found).slice(0, MAX_PROBES)) {
      if (peerId === selfId || await reaches(peerId)) continue;
      this.#soon();
      return this.#bridge(peerId, MAX_BRIDGE_STEPS);
    }
  }
  /** Something has changed: it is worth asking again. */
  #soon() {
    this.#pause = CHECK_MS;
    this.#nextSeek = Math.min(this.#nextSeek, this.#now() + this.#pause);
  }
  #bridge(peerId, steps) {
    const { links, island, bridgeable, passBridge } = this.#options;
    if (this.#closed || this.#hasLink(peerId)) return;
    if (this.#hasPlace(island.redundant().length)) {
      this.#candidates.learn(peerId).steps = steps;
      return links.call(peerId);
    }
    const [next] = this.#candidates.rotated(bridgeable());
    if (steps > 0 && next !== void 0) passBridge(next, peerId, steps - 1);
  }
  /** Lets go one link too many. The new link is open by now, so that no peer is cut off in between. */
  #trim() {
    const { links, island, maxPeers } = this.#options;
    for (let over = links.open().length - maxPeers; over > 0; over--) {
      const [richest] = island.redundant();
      if (richest === void 0) return;
      this.#candidates.leaveAlone(richest.peerId);
      links.close(richest.peerId);
    }
  }
  #scheduleCheck() {
    this.#cancelCheck = this.#options.environment.timers.after(this.#candidates.jittered(CHECK_MS), () => {
      this.#scheduleCheck();
      this.#options.island.tick();
      this.#trim();
      this.#fill();
      void this.#seek();
    });
  }
};

// client/mesh/roster.ts
var UNKNOWN = { here: false, left: false, at: Number.NEGATIVE_INFINITY };
var Roster = class {
  #emit;
  #entries = new BoundedMap(MAX_ROSTER_PEERS);
  constructor(emit) {
    this.#emit = emit;
  }
  /**
   * The server named the peer.
   * @param at the time of its lease; a server of version 0.1 does not say
   * @returns `old` if newer news are known, `again` if the peer was here with an earlier lease: its program may have
   * started again
   */
  arrived(peerId, at) {
    const { here, left, at: known } = this.#get(peerId);
    if (at !== void 0 && (at < known || left && at === known)) return "old";
    this.#enter(peerId, { left: false, at: at ?? known });
    const isLater = at !== void 0 && Number.isFinite(known) && at > known;
    return here && isLater ? "again" : "here";
  }
  /** A link to the peer opened. The server may not have named it: other peers pass on ids, too. */
  connected(peerId) {
    this.#enter(peerId, {});
  }
  /**
   * The server says that the peer left. `gone` is to follow, once its link is closed.
   * @returns false if newer news are known
   */
  left(peerId, at) {
    const entry = this.#get(peerId);
    if (at !== void 0 && at < entry.at) return false;
    this.#entries.set(peerId, { ...entry, left: true, at: at ?? entry.at });
    return true;
  }
  hasLeft(peerId) {
    return this.#get(peerId).left;
  }
  /** Whether the application knows that the peer is here. */
  isHere(peerId) {
    return this.#get(peerId).here;
  }
  gone(peerId) {
    const entry = this.#get(peerId);
    this.#entries.set(peerId, { ...entry, here: false });
    if (entry.here) this.#emit("peer:gone", peerId);
  }
  /** This peer leaves the room. The application knows, and the others have not left. */
  clear() {
    this.#entries.clear();
  }
  #enter(peerId, news) {
    const entry = this.#get(peerId);
    this.#entries.set(peerId, { ...entry, ...news, here: true });
    if (!entry.here) this.#emit("peer:discovered", peerId);
  }
  #get(peerId) {
    return this.#entries.get(peerId) ?? UNKNOWN;
  }
};

// client/mesh/broadcast-memory.ts
var NUMBERED = /^([0-9a-f]{16})\.([0-9]{1,15})$/;
function numberedId(run, number) {
  return `${run}.${number}`;
}
var BroadcastMemory = class {
  #timers;
  /** By peer and run; the one that was active last is the last. */
  #origins = /* @__PURE__ */ new Map();
  /** Ids without a number. */
  #unnumbered = new BoundedMemory(MAX_SEEN_MESSAGES);
  constructor(timers) {
    this.#timers = timers;
  }
  /**
   * Takes note of a broadcast.
   * @param via the neighbour that brought it
   * @returns whether it has certainly not been here before
   */
  isNew(from, id, via) {
    const [, run, digits] = NUMBERED.exec(id) ?? [];
    if (run === void 0) return this.#unnumbered.isNew(`${from} ${id}`);
    const number = Number(digits);
    const key = `${run} ${from}`;
    const known = this.#origins.get(key);
    const now = this.#timers.elapsed();
    const isFresh = known !== void 0 && now - known.at < BROADCAST_IDLE_MS;
    const origin = isFresh ? known : { via, floor: number - BROADCAST_REORDER, blocks: /* @__PURE__ */ new Map(), at: now };
    if (!takeNumber(origin, number)) return false;
    origin.at = now;
    this.#origins.delete(key);
    this.#origins.set(key, origin);
    if (this.#origins.size > MAX_ORIGINS) this.#evict();
    return true;
  }
  /** Forgets an origin of the neighbour that brought the most: one that invents origins displaces its own only. */
  #evict() {
    const counts = /* @__PURE__ */ new Map();
    for (const { via } of this.#origins.values()) counts.set(via, (counts.get(via) ?? 0) + 1);
    const most = Math.max(...counts.values());
    for (const [key, { via }] of this.#origins) {
      if (counts.get(via) === most) return this.#origins.delete(key);
    }
  }
};
function takeNumber(origin, number) {
  if (number < origin.floor) return false;
  const index = Math.floor(number / BROADCAST_BLOCK);
  const bit = number % BROADCAST_BLOCK;
  const block = origin.blocks.get(index) ?? new Uint8Array(BROADCAST_BLOCK / 8);
  const byte = bit >> 3;
  const mask = 1 << (bit & 7);
  const before = block[byte] ?? 0;
  if ((before & mask) !== 0) return false;
  block[byte] = before | mask;
  origin.blocks.set(index, block);
  if (origin.blocks.size > MAX_BROADCAST_BLOCKS) {
    const lowest = Math.min(...origin.blocks.keys());
    origin.blocks.delete(lowest);
    origin.floor = (lowest + 1) * BROADCAST_BLOCK;
  }
  return true;
}

// client/mesh/routing.ts
var Routing = class {
  #options;
  /** Tries of messages to one peer. */
  #seen = new BoundedMemory(MAX_SEEN_MESSAGES);
  #broadcasts;
  /** Names this object among all that have had this peer's id: each starts to count from 1. */
  #run;
  #broadcastCount = 0;
  /** By peer: the neighbour that brought its last message. */
  #routes = new BoundedMap(MAX_ROUTES);
  /** By message id. */
  #unanswered = /* @__PURE__ */ new Map();
  #closed = false;
  constructor(options) {
    this.#options = options;
    this.#broadcasts = new BroadcastMemory(options.environment.timers);
    this.#run = options.environment.randomHex(16);
  }
  /** Resolves once the link has taken it, or, through the mesh, once the peer has it. Rejects with `NO_ROUTE`, and as `transmit` does. */
  async send(to, data) {
    const payload = isBlob(data) ? await readData(data) : encodeData(data);
    if (this.#isNeighbour(to)) return this.#options.transmit(to, { kind: "direct", ...payload });
    if (to !== this.#options.selfId && await this.#ask(to, payload)) return;
    throw passing("NO_ROUTE", `No way to ${to}.`, { peerId: to });
  }
  /**
   * Resolves once every link has taken it or refused it.
   * @returns how many links took it. Rejects if none did, though there are some
   */
  async broadcast(data) {
    const payload = isBlob(data) ? await readData(data) : encodeData(data);
    if (this.#closed) throw ended();
    const { selfId } = this.#options;
    const id = numberedId(this.#run, ++this.#broadcastCount);
    const sent = this.#flood({ kind: "routed", id, from: selfId, hops: MAX_HOPS, ...payload });
    const settled = await Promise.allSettled(sent);
    await anyOf(sent);
    return settled.filter(({ status }) => status === "fulfilled").length;
  }
  /** Whether a path through the mesh leads to the peer. */
  async reaches(peerId) {
    return this.#isNeighbour(peerId) || this.#ask(peerId, NO_PAYLOAD, true).catch(() => false);
  }
  /**
   * Whether a neighbour has everything that was sent to it: a link keeps the order, so an answer to a probe shows it.
   * Works after `close`, too.
   */
  answers(neighbour, withinMs) {
    const head = { kind: "routed", id: this.#newId(), from: this.#options.selfId, to: neighbour };
    return this.#try({ ...head, hops: 1, probe: true, ...NO_PAYLOAD }, withinMs).catch(() => false);
  }
  /** Takes a frame that a neighbour sent. */
  receive(via, frame) {
    if (frame.kind === "direct") this.#hand(via, frame, true);
    else this.#route(via, frame);
  }
  open() {
    this.#closed = false;
  }
  /**
   * Rejects every message that waits for its answer, and every later one, until `open`.
   * @param probing whether neighbours are still to answer
   */
  close(probing = false) {
    this.#closed = true;
    for (const { probes, settle } of [...this.#unanswered.values()]) if (!(probing && probes)) settle(ended());
  }
  #isNeighbour(peerId) {
    return this.#options.neighbours().includes(peerId);
  }
  #newId() {
    return this.#options.environment.randomHex(16);
  }
  #flood(frame, except) {
    const { neighbours, transmit } = this.#options;
    return neighbours().filter((peerId) => peerId !== except).map((peerId) => transmit(peerId, frame));
  }
  /** Sends towards `to`: to itself, or along the path that is known, or to all. */
  #towards(to, frame, except) {
    const known = frame.attempt === 2 ? void 0 : this.#routes.get(to);
    const next = this.#isNeighbour(to) ? to : known;
    if (next === void 0 || next === except || !this.#isNeighbour(next)) return this.#flood(frame, except);
    return [this.#options.transmit(next, frame)];
  }
  /**
   * Sends to a peer through the mesh. If no answer comes, sends again, everywhere.
   * @returns whether it arrived. Rejects if all links refuse it.
   */
  async #ask(to, payload, probe = false) {
    const id = this.#newId();
    for (const attempt of [1, 2]) {
      if (this.#closed) throw ended();
      const head = { kind: "routed", id, attempt, from: this.#options.selfId, to, hops: MAX_HOPS, probe };
      if (await this.#try({ ...head, ...payload })) return true;
      if (this.#options.neighbours().length === 0) return false;
    }
    return false;
  }
  #try(frame, withinMs = DELIVERY_TIMEOUT_MS) {
    const { to } = frame;
    return new Promise((resolve, reject) => {
      if (this.#unanswered.size >= MAX_UNDELIVERED) return reject(passing("BUFFER_FULL", "Too much waits to be sent."));
      const settle = (answer) => {
        cancel();
        this.#unanswered.delete(frame.id);
        if (typeof answer === "boolean") resolve(answer);
        else reject(answer);
      };
      const cancel = this.#options.environment.timers.after(withinMs, () => settle(false));
      this.#unanswered.set(frame.id, { to, probes: frame.probe === true, settle });
      const sent = this.#towards(to, frame);
      if (sent.length === 0) settle(false);
      anyOf(sent).catch(settle);
    });
  }
  #route(via, frame) {
    const { id, attempt, from, to, hops } = frame;
    if (from === this.#options.selfId) return;
    const isNew = to === void 0 ? this.#broadcasts.isNew(from, id, via) : this.#seen.isNew(`${from} ${id} ${attempt === 2}`);
    if (!isNew) return;
    this.#routes.set(from, via);
    const passedOn = { ...frame, hops: hops - 1 };
    if (to === this.#options.selfId) this.#receiveOwn(via, frame);
    else if (to !== void 0) {
      if (hops > 1) ignoreLoss(this.#towards(to, passedOn, via));
    } else {
      if (hops > 1) ignoreLoss(this.#flood(passedOn, via));
      this.#deliver(via, frame);
    }
  }
  /** Takes a message that is for this peer alone. */
  #receiveOwn(via, frame) {
    const { id, from, answers, probe } = frame;
    if (answers !== void 0) {
      const asked = this.#unanswered.get(answers);
      if (asked?.to === from) asked.settle(true);
      return;
    }
    ignoreLoss(this.#towards(from, answerTo(frame, this.#options.selfId, this.#newId())));
    if (!probe && this.#seen.isNew(`${from} ${id}`)) this.#deliver(via, frame);
  }
  #deliver(via, frame) {
    this.#hand(frame.from, frame, via === frame.from);
  }
  #hand(from, payload, direct2) {
    const data = decodeData(payload);
    if (data !== void 0) this.#options.deliver({ from, data, direct: direct2 });
  }
};
function ended() {
  return new MeshError("CLOSED", "The mesh was left.");
}
function ignoreLoss(sent) {
  for (const one of sent) one.catch(() => {
  });
}
async function anyOf(sent) {
  await Promise.any(sent).catch(({ errors: [error] }) => {
    if (error !== void 0) throw error;
  });
}
function answerTo({ id, from }, selfId, newId) {
  return { kind: "routed", id: newId, from: selfId, to: from, hops: MAX_HOPS, answers: id, ...NO_PAYLOAD };
}

// client/mesh/mesh.ts
var Peer = class {
  emitter = createEmitter();
  session;
  links;
  routing;
  #parts;
  #roster;
  #island;
  #neighbourhood;
  /** Peers with an open link. */
  #neighbours = /* @__PURE__ */ new Map();
  #beacons;
  /** Linked peers that joined again. The end of their older link says nothing about them. */
  #renewed = /* @__PURE__ */ new Set();
  /** When data was last sent to a neighbour, by `Timers.elapsed`. */
  #sentAt = /* @__PURE__ */ new Map();
  #iceServers;
  /** After `leave`: links that stay open until their neighbours have received everything. */
  #draining;
  constructor(parts) {
    const { environment, peerId: selfId, maxPeers } = parts;
    this.#parts = parts;
    this.#iceServers = parts.iceServers ?? [];
    this.#roster = new Roster(this.emitter.emit);
    this.#beacons = new Limiter(environment.timers, MAX_BEACONS, BEACONS_MS);
    this.session = parts.openSession();
    this.links = new Links({
      environment,
      selfId,
      maxPeers,
      createLink: parts.createLink,
      iceServers: () => this.#iceServers,
      caller: () => ({ island: this.#island.root, links: this.#neighbours.size }),
      // The server takes up to 32,000 bytes. No peer could answer a description of that size.
      send: (to, frame) => this.session.send(to, frame),
      admit: (caller, marks) => this.#neighbourhood.admit(caller, marks)
    });
    this.#island = new Island({
      timers: environment.timers,
      selfId,
      neighbours: () => this.#ours(),
      send: (peerIds, beacon) => this.#control(peerIds, beacon)
    });
    this.routing = new Routing({
      environment,
      selfId,
      neighbours: () => this.peers(),
      transmit: (to, frame) => this.#transmit(to, frame),
      deliver: (message) => this.emitter.emit("message", message)
    });
    this.#neighbourhood = new Neighbourhood({
      environment,
      selfId,
      maxPeers,
      island: this.#island,
      links: this.links,
      bridgeable: () => this.#ours(),
      findPeers: (target) => this.#findPeers(target),
      reaches: (peerId) => this.routing.reaches(peerId),
      passBridge: (neighbour, to, steps) => this.#control([neighbour], { kind: "bridge", to, steps })
    });
    this.#hearSession();
    this.#hearLinks();
  }
  peers() {
    return [...this.#neighbours.keys()];
  }
  /** Neighbours that are no peers of p2pmesh. */
  #ours() {
    return [...this.#neighbours.values()].flatMap(({ ours, peerId }) => ours ? [peerId] : []);
  }
  #hearSession() {
    const { on } = this.session;
    const { emit } = this.emitter;
    on("welcome", ({ peers, iceServers }, resumed) => {
      this.#iceServers = this.#parts.iceServers ?? iceServers ?? [];
      const listed = this.#listed(peers);
      if (!resumed) this.#neighbourhood.introduced(listed);
    });
    on("peerJoined", (peerId, at) => this.#announced(peerId, at));
    on("peerLeft", (peerId, at) => {
      if (!this.#roster.left(peerId, at) || this.#neighbours.has(peerId)) return;
      this.links.close(peerId);
      this.#gone(peerId);
    });
    on("frame", (from, frame) => this.links.receive(from, frame));
    on("undelivered", (peerId, { code }) => {
      if (code === "PEER_NOT_FOUND") this.#notFound(peerId);
    });
    on("state", (state) => {
      if (state === "joining") this.#start();
      if (state === "left") this.#stop();
      emit("state", state);
    });
    on("error", (error) => emit("error", error));
    on("traffic", (direction, frame) => emit("signaling", { direction, frame }));
  }
  #hearLinks() {
    const { on } = this.links;
    on("connect", (link) => this.#connected(link));
    on("disconnect", (peerId) => {
      this.#neighbours.delete(peerId);
      this.#sentAt.delete(peerId);
      this.#island.disconnected(peerId);
      this.emitter.emit("peer:disconnect", peerId);
    });
    on("end", (peerId, why, failure) => this.#ended(peerId, why, failure));
    on("refused", (peerId, alternatives) => this.#neighbourhood.refused(peerId, alternatives));
    on("wanted", (peerId, awaits) => this.#neighbourhood.met(peerId, !awaits));
    on("message", (peerId, message) => {
      const frame = this.#neighbours.get(peerId)?.read(message);
      if (frame !== void 0) this.#receive(peerId, frame);
    });
  }
  #receive(via, frame) {
    switch (frame.kind) {
      case "beacon":
        if (this.#beacons.allows(via)) this.#island.receive(via, frame);
        return;
      case "bridge":
        return this.#neighbourhood.bridge(frame.to, frame.steps);
      default:
        return this.routing.receive(via, frame);
    }
  }
  #connected(link) {
    const { peerId, foreign } = link;
    const { environment } = this.#parts;
    const neighbour = foreign ? p2pmeshNeighbour(
      link,
      environment.timers,
      (frame) => this.routing.receive(peerId, answerTo(frame, peerId, environment.randomHex(16)))
    ) : ourNeighbour(link);
    this.#neighbours.set(peerId, neighbour);
    this.#renewed.delete(peerId);
    this.#neighbourhood.connected(peerId);
    if (!this.#neighbours.has(peerId)) return;
    this.#roster.connected(peerId);
    this.emitter.emit("peer:connect", peerId);
  }
  #ended(peerId, why, failure) {
    if (why === "failed") this.emitter.emit("error", linkFailed(peerId, failure ?? linkFailure("timeout")));
    if (this.#roster.hasLeft(peerId)) this.#gone(peerId);
    else if (this.#renewed.delete(peerId)) this.#meet(peerId);
    else this.#neighbourhood.ended(peerId);
  }
  /** The server announces a peer. */
  #announced(peerId, at) {
    if (peerId === this.#parts.peerId) return;
    const news = this.#roster.arrived(peerId, at);
    if (news === "old") return;
    const link = this.links.get(peerId);
    if (news === "again" && link !== void 0) this.#renew(link);
    this.#meet(peerId);
  }
  /**
   * A linked peer joined again. Its program may have started again, and know of no link; or it only lost its connection to
   * the server, and the link is fine.
   */
  #renew(link) {
    const { peerId } = link;
    const neighbour = this.#neighbours.get(peerId);
    if (neighbour?.ours) {
      this.#renewed.add(peerId);
      void this.routing.answers(peerId, PROBE_ANSWER_MS).then((alive) => {
        if (this.#neighbours.get(peerId) !== neighbour) return;
        this.#renewed.delete(peerId);
        if (alive) return;
        this.links.close(peerId);
        this.#meet(peerId);
      });
    } else if (link.calling !== void 0) this.links.close(peerId);
  }
  #meet(peerId) {
    this.#neighbourhood.met(peerId, isKademliaId(this.#parts.peerId) || !isKademliaId(peerId));
  }
  #notFound(peerId) {
    if (this.#neighbours.has(peerId) && !this.#roster.hasLeft(peerId)) return;
    this.links.close(peerId);
    this.#gone(peerId);
  }
  /** @returns the ids of a list, without the peers that have left by newer news */
  #listed(peers) {
    const others = peers.filter(({ id }) => id !== this.#parts.peerId);
    return others.flatMap(
      ({ id, lastSeen }) => this.#roster.arrived(id, lastSeen) === "old" && !this.#roster.isHere(id) ? [] : [id]
    );
  }
  #gone(peerId) {
    this.#neighbourhood.gone(peerId);
    this.#roster.gone(peerId);
  }
  async #findPeers(target) {
    return this.#listed(await this.session.findPeers({ target }));
  }
  async #transmit(peerId, frame) {
    const neighbour = this.#neighbours.get(peerId);
    if (neighbour === void 0) throw passing("CLOSED", "The link ended.");
    if ("body" in frame && frame.body.length > 0) this.#sentAt.set(peerId, this.#parts.environment.timers.elapsed());
    await neighbour.send(frame);
  }
  /** Sends a frame that serves the mesh itself. If it is lost, the next one will do. */
  #control(peerIds, frame) {
    for (const peerId of peerIds) this.#transmit(peerId, frame).catch(() => {
    });
  }
  /** Leaves, once the neighbours have received everything. */
  async leave() {
    const now = this.#parts.environment.timers.elapsed();
    const busy = [...this.#sentAt].flatMap(([peerId, at]) => now - at < CHANNEL_DEAD_MS ? [peerId] : []);
    if (busy.length > 0 && this.#draining === void 0 && this.session.state !== "left") this.#drain(busy);
    await Promise.all([this.session.leave(), this.#draining?.done]);
  }
  /** Leaves at once. */
  close() {
    this.#endDrain();
    this.session.close();
  }
  #drain(busy) {
    const links = busy.flatMap((peerId) => this.links.get(peerId) ?? []);
    const answers = links.map(({ peerId }) => this.routing.answers(peerId, DRAIN_MS));
    this.#draining = { links, done: Promise.all(answers).then(() => this.#endDrain()) };
  }
  #endDrain() {
    const { links = [] } = this.#draining ?? {};
    this.#draining = void 0;
    for (const link of links) if (this.links.get(link.peerId) === link) this.links.close(link.peerId);
    if (this.session.state === "left") this.#stop();
  }
  #start() {
    this.#endDrain();
    this.#neighbourhood.open();
    this.routing.open();
  }
  #stop() {
    const kept = this.#draining?.links ?? [];
    this.#neighbourhood.close();
    this.routing.close(kept.length > 0);
    for (const link of this.links.all()) if (!kept.includes(link)) this.links.close(link.peerId);
    if (kept.length === 0) this.#roster.clear();
  }
};
function assembleMesh(parts) {
  const { peerId, room, signal } = parts;
  const peer = new Peer(parts);
  const { session, links, routing } = peer;
  const { on, once, off } = peer.emitter;
  const leave = () => heedless(peer.leave());
  const aborted = () => new MeshError("ABORTED", "Aborted.", { cause: signal?.reason });
  session.on("state", (state) => {
    if (state === "joining") signal?.addEventListener("abort", leave);
    if (state === "left") signal?.removeEventListener("abort", leave);
  });
  const join = async ({ links: fewest = 0 } = {}) => {
    if (signal?.aborted) throw aborted();
    await session.join().catch((error) => {
      throw signal?.aborted ? aborted() : error;
    });
    await ready({ links: fewest });
  };
  const ready = ({ links: fewest = 1 } = {}) => new Promise((resolve, reject) => {
    const look = () => {
      const isReady = peer.peers().length >= fewest;
      if (!isReady && session.state !== "left") return;
      for (const stop of stops) stop();
      if (isReady) resolve();
      else reject(new MeshError("CLOSED", "The mesh was left."));
    };
    const stops = [on("peer:connect", look), on("state", look)];
    look();
  });
  return {
    peerId,
    room,
    get state() {
      return session.state;
    },
    get peers() {
      return peer.peers();
    },
    links: () => links.all().map(({ peerId: peerId2, state, since }) => ({ peerId: peerId2, state, since })),
    stats: async (peerId2) => links.get(peerId2)?.stats(),
    join: (options) => heedless(join(options)),
    ready: (options) => heedless(ready(options)),
    leave,
    close: () => peer.close(),
    send: (to, data) => heedless(routing.send(to, data)),
    broadcast: (data) => heedless(routing.broadcast(data)),
    on,
    once,
    off
  };
}
function heedless(promise) {
  promise.catch(() => {
  });
  return promise;
}

// protocol/ids.ts
function isOwnerKey(value) {
  return typeof value === "string" && value.length >= MIN_OWNER_KEY_LENGTH && value.length <= MAX_OWNER_KEY_LENGTH;
}

// client/default-environment.ts
function defaultEnvironment(options = {}) {
  const { WebSocket = globalThis.WebSocket, RTCPeerConnection = globalThis.RTCPeerConnection } = options;
  return {
    timers: {
      now: Date.now,
      elapsed: () => performance.now(),
      after
    },
    random: Math.random,
    randomHex: (digits) => Array.from(crypto.getRandomValues(new Uint8Array(digits)), (byte) => (byte % 16).toString(16)).join(""),
    WebSocket,
    RTCPeerConnection,
    onWake
  };
}
function after(ms, callback) {
  const due = performance.now() + ms;
  const look = () => {
    const left = due - performance.now();
    if (left <= 0) callback();
    else timer = setTimeout(look, Math.ceil(left));
  };
  let timer = setTimeout(look, Math.ceil(ms));
  return () => clearTimeout(timer);
}
function onWake(callback) {
  const ended3 = new AbortController();
  const listen = (target, event, listener) => target?.addEventListener?.(event, listener, ended3);
  const page = globalThis.document;
  listen(globalThis, "online", callback);
  listen(globalThis, "pageshow", callback);
  listen(globalThis.navigator?.connection, "change", callback);
  listen(page, "visibilitychange", () => {
    if (page.visibilityState === "visible") callback();
  });
  return () => ended3.abort();
}

// client/signaling/alarm.ts
function alarm(timers, ms, callback) {
  const start = timers.now();
  const startElapsed = timers.elapsed();
  const look = () => {
    const left = ms - Math.max(timers.elapsed() - startElapsed, timers.now() - start);
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
function withoutSecrets({ token: _, resumeKey: __, ownerKey: ___, ...frame }) {
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
  return Array.isArray(peers) ? peers.filter((peer) => isId(peer?.id)) : [];
}

// client/signaling/liveness.ts
function createLiveness({ timers, intervalMs, ping, dead }) {
  let unanswered;
  let asked;
  let cancel = () => {
  };
  const after2 = (ms, callback) => {
    cancel();
    cancel = alarm(timers, ms, callback);
  };
  const ask = (timeoutMs = PONG_TIMEOUT_MS) => {
    if (asked) return;
    asked = true;
    ping();
    after2(timeoutMs, dead);
  };
  const heard = () => {
    asked = unanswered = false;
    after2(intervalMs, ask);
  };
  heard();
  return {
    heard,
    sent() {
      if (!asked && !unanswered) after2(Math.min(intervalMs, UNANSWERED_MS), ask);
      unanswered = true;
    },
    probe: () => ask(PROBE_PONG_TIMEOUT_MS),
    stop: () => cancel()
  };
}

// client/signaling/connection.ts
var OPEN = 1;
var Connection = class {
  #duties;
  #stage = "preparing";
  #socket;
  #join = {};
  #joins = 0;
  #heardAt = 0;
  #liveness;
  #cancelTimer = () => {
  };
  /** Frames that overtook the welcome. */
  #early = [];
  constructor(duties) {
    this.#duties = duties;
    this.#expect("No token", TOKEN_TIMEOUT_MS);
    duties.prepare().then(
      (preparation) => this.#open(preparation),
      (cause) => this.#end(passing("UNAUTHORIZED", "No token.", { cause }))
    );
  }
  get stage() {
    return this.#stage;
  }
  /** Whether a frame for another peer can be sent on it now. */
  get ready() {
    return this.#stage === "joined" && this.#isOpen() && (this.#socket?.bufferedAmount ?? 0) < MAX_QUEUED_BYTES;
  }
  /** How often the join was sent. */
  get joins() {
    return this.#joins;
  }
  /** When anything last arrived on it, by `Timers.elapsed`. */
  get heardAt() {
    return this.#heardAt;
  }
  send(frame) {
    this.#write(frame);
    this.#liveness?.sent();
  }
  /** Sends the join again, after so many ms. */
  joinAgain(afterMs) {
    this.#wait(afterMs, () => this.#sendJoin());
  }
  /** Asks the server for a sign of life. */
  probe() {
    this.#liveness?.probe();
  }
  /** Another connection has taken its place. It still delivers frames that are on their way, for a while. */
  retire() {
    this.#liveness?.stop();
    this.#wait(RETIRE_MS, () => this.close());
  }
  /** Closes it. It calls none of its duties again. */
  close() {
    this.#stage = "ended";
    this.#cancelTimer();
    this.#liveness?.stop();
    this.#socket?.close();
  }
  /**
   * Tells the server, and closes. Resolves once the socket is closed, or the server takes too long to close it.
   * @param now whether to close it without waiting for the server
   */
  leave(now = false) {
    return new Promise((resolve) => {
      const done = () => {
        this.close();
        resolve();
      };
      if (this.#joins === 0 || !this.#isOpen() || this.#socket === void 0) return done();
      this.#write({ type: "leave" });
      this.#stage = "ended";
      this.#liveness?.stop();
      if (now) return done();
      this.#socket.onclose = done;
      this.#wait(LEAVE_TIMEOUT_MS, done);
    });
  }
  /** Waits for the next event, in place of the one that it waited for before. */
  #wait(ms, callback) {
    this.#cancelTimer();
    this.#cancelTimer = this.#duties.environment.timers.after(ms, callback);
  }
  #expect(what, ms = JOIN_TIMEOUT_MS) {
    this.#wait(ms, () => this.#end(passing("TIMEOUT", `${what} within ${ms / 1e3} s.`)));
  }
  #isOpen() {
    return this.#socket?.readyState === OPEN;
  }
  #write(frame) {
    if (!this.#isOpen()) return;
    this.#socket?.send(JSON.stringify(frame));
    this.#duties.traffic("out", withoutSecrets(frame));
  }
  #handOnEarly() {
    for (const frame of this.#early.splice(0)) this.#duties.frame(this, frame);
  }
  #end(error) {
    const before = this.#stage;
    if (before === "ended") return;
    this.close();
    this.#handOnEarly();
    this.#duties.ended(this, error, before);
  }
  #open({ join, protocols }) {
    if (this.#stage !== "preparing") return;
    const { environment, url } = this.#duties;
    this.#join = join;
    this.#stage = "opening";
    const failure = `No connection to ${url.split("?")[0]}`;
    this.#expect(failure);
    let socket;
    try {
      socket = new environment.WebSocket(url, protocols);
    } catch (cause) {
      return this.#end(passing("CLOSED", failure, { cause }));
    }
    this.#socket = socket;
    socket.onopen = () => this.#opened();
    socket.onmessage = ({ data }) => this.#receive(data);
    socket.onerror = () => {
    };
    socket.onclose = ({ code, reason }) => {
      const what = this.#stage === "opening" ? failure : "The connection ended";
      this.#end(passing("CLOSED", `${what}: ${code} ${reason}`));
    };
  }
  #opened() {
    this.#stage = "pausing";
    const ms = this.#duties.pause();
    if (ms > 0) this.#wait(ms, () => this.#sendJoin());
    else this.#sendJoin();
  }
  #sendJoin() {
    this.#stage = "joining";
    this.#joins++;
    this.#expect("No answer to the join");
    this.#write(this.#join);
  }
  #receive(data) {
    if (this.#stage === "ended") return;
    this.#heardAt = this.#duties.environment.timers.elapsed();
    this.#liveness?.heard();
    const received = parseJson(data);
    if (!isObject(received)) return;
    this.#duties.traffic("in", withoutSecrets(received));
    if (this.#stage === "joining") this.#receiveAnswer(received);
    else this.#duties.frame(this, received);
  }
  /** Takes a frame that may answer the join. Any other frame waits for the answer. */
  #receiveAnswer(frame) {
    const { type, from } = frame;
    if (from === void 0 && type === "bootstrap_peers") this.#welcomed(frame);
    else if (from === void 0 && (type === "error" || type === void 0)) {
      this.#duties.refused(this, errorOf(frame), retryAfterOf(frame));
    } else if (type === "go_away") this.#end(passing("CLOSED", "The server goes away."));
    else this.#early.push(frame);
  }
  #welcomed(frame) {
    const { environment, heartbeatInterval } = this.#duties;
    this.#stage = "joined";
    this.#cancelTimer();
    this.#liveness = createLiveness({
      timers: environment.timers,
      intervalMs: heartbeatInterval,
      ping: () => this.#write({ type: "ping" }),
      dead: () => this.#end(passing("TIMEOUT", "The server does not answer."))
    });
    this.#duties.welcomed(this, frame);
    this.#handOnEarly();
  }
};

// client/signaling/dispatch.ts
function createDispatch(duties) {
  const { emit, outbox, calls } = duties;
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
    if (typeof to === "string" && !error.retryable) emit("undelivered", to, error);
    else emit("error", error);
  };
  const notice = (event, { peerId, at }) => {
    if (isId(peerId)) emit(event, peerId, typeof at === "number" ? at : void 0);
  };
  return (connection, frame) => {
    const { from, type } = frame;
    if (typeof from === "string") emit("frame", from, frame);
    else if (type === "peer_joined") notice("peerJoined", frame);
    else if (type === "peer_left") notice("peerLeft", frame);
    else if (type === "go_away") duties.goAway(connection);
    else if (type === "error") refused(connection, frame);
    else if (type === "bootstrap_peers") {
      if (frame.resumeKey === void 0) calls.answer(frame.target, peersOf(frame));
      else duties.welcomedAgain(connection, frame);
    } else if (type === void 0 && typeof frame.message === "string") emit("error", errorOf(frame));
  };
}

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
  const { peerId, ownerKey, room, token, tokenAt } = identity;
  const value = typeof token === "function" ? await token() : token;
  if (token !== void 0 && typeof value !== "string") throw new TypeError("A token is a string.");
  const early = tokenAt === "connect" && value !== void 0;
  return {
    // The server chooses the one without the token, so that the token is not sent back.
    protocols: early ? ["p2pmesh", `token.${value}`] : [],
    // Fields that are undefined are not written. `anyId`: the server may list ids of any form to us.
    join: { type: "join", peerId, room, resumeKey, ownerKey, anyId: true, token: early ? void 0 : value }
  };
}
function mayJoinAgain({ code, retryable }, { welcomed, lostJoinAge, freshToken }) {
  switch (code) {
    // It is this connection that cannot join any more.
    case "NOT_JOINED":
    case "ALREADY_JOINED":
      return true;
    // Perhaps we hold the id ourselves, by a connection that has ended: the welcome with the key was lost, so the server
    // cannot know. It finds out when it takes the connection for dead.
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
var Outbox = class {
  #environment;
  #connection;
  #lastId = 0;
  #queue = [];
  #queuedBytes = 0;
  /** Frames that were sent and may still be refused, oldest first. */
  #sent = /* @__PURE__ */ new Map();
  #sentAt = Number.NEGATIVE_INFINITY;
  /** After a `RATE_LIMITED`: nothing is sent before this time, and then not more often than `pace`, in ms. */
  #resumeAt = 0;
  #pace = 0;
  #cancelTimer = () => {
  };
  /** Why nothing is sent any more. */
  #over;
  /** @param connection gives the connection to send on, if there is one */
  constructor(environment, connection) {
    this.#environment = environment;
    this.#connection = connection;
  }
  /** When a frame was last given to a connection. */
  get sentAt() {
    return this.#sentAt;
  }
  /**
   * Sends a frame, now or as soon as possible.
   * @param failed is told if the frame is refused for good or cannot be sent; not before `post` has returned
   * @returns its id
   */
  post(content, failed) {
    const id = ++this.#lastId;
    const frame = { ...content, id };
    const since = this.#now();
    this.#enqueue({ id, frame, bytes: sizeOf(frame), since, failed, notBefore: 0, sends: 0, sentAt: 0 });
    this.flush();
    return id;
  }
  /** The frame was answered: it is not sent again. */
  settle(id) {
    this.#sent.delete(id);
    for (const entry of this.#queue.filter((other) => other.id === id)) this.#drop(entry);
  }
  /** Sends every frame that may be sent now. To be called when a connection has become ready. */
  flush() {
    this.#cancelTimer();
    this.#forgetOld();
    const now = this.#now();
    const via = this.#connection();
    let next = now + MAX_QUEUED_MS;
    for (const entry of this.#queue) {
      const late = entry.since + MAX_QUEUED_MS;
      const at = Math.max(entry.notBefore, this.#resumeAt, this.#sentAt + this.#pace);
      if (late <= now) {
        this.#drop(entry);
        this.#fail(entry, entry.refusal ?? passing("TIMEOUT", "Not sent in time."));
      } else if (at <= now && via?.ready) this.#give(entry, via);
      else next = Math.min(next, late, via === void 0 ? late : Math.max(at, now + BUSY_MS * Number(at <= now)));
    }
    if (this.#queue.length === 0) this.#pace = 0;
    else this.#cancelTimer = this.#environment.timers.after(next - now, () => this.flush());
  }
  /** @returns whether the refused frame was sent from here */
  refused(id, error, retryAfter) {
    const entry = this.#sent.get(id);
    if (entry === void 0) return false;
    const slower = error.code === "RATE_LIMITED";
    if (!error.retryable || !slower && entry.sends >= MAX_SENDS) {
      this.#sent.delete(id);
      this.#fail(entry, error);
      return true;
    }
    entry.refusal = error;
    if (slower) {
      this.#resumeAt = this.#now() + retryAfter;
      this.#pace = PACE_MS;
    }
    this.#again(entry, retryAfter + (slower ? 0 : backoff(entry.sends, this.#environment.random)));
    this.flush();
    return true;
  }
  /** A connection was lost: the frames that were sent on it last may not have arrived. */
  lost(connection) {
    for (const entry of this.#sent.values()) {
      const doubtful = entry.sentAt >= connection.heardAt - DOUBT_MS || entry.frame.to === void 0;
      if (entry.via === connection && doubtful) this.#again(entry, 0);
    }
    this.flush();
  }
  /** Nothing will be sent any more. */
  end(error) {
    this.#over = error;
    for (const entry of this.#queue) this.#fail(entry, error);
    for (const entry of this.#sent.values()) if (entry.frame.to === void 0) this.#fail(entry, error);
    this.#queue = [];
    this.#sent.clear();
    this.#cancelTimer();
  }
  #now() {
    return this.#environment.timers.elapsed();
  }
  /** The sender is not called back before its own call has returned. */
  #fail({ failed }, error) {
    queueMicrotask(() => failed(error));
  }
  #drop(entry) {
    this.#queue = this.#queue.filter((other) => other !== entry);
    this.#queuedBytes -= entry.bytes;
  }
  #enqueue(entry) {
    if (this.#over !== void 0) return this.#fail(entry, this.#over);
    this.#queue.push(entry);
    this.#queuedBytes += entry.bytes;
    for (let [oldest] = this.#queue; oldest && this.#queuedBytes > MAX_QUEUED_BYTES; [oldest] = this.#queue) {
      this.#drop(oldest);
      this.#fail(oldest, passing("BUFFER_FULL", "Too much waits to be sent."));
    }
  }
  #again(entry, afterMs) {
    this.#sent.delete(entry.id);
    entry.notBefore = this.#now() + afterMs;
    this.#enqueue(entry);
  }
  #give(entry, via) {
    this.#drop(entry);
    entry.sends++;
    entry.via = via;
    entry.sentAt = this.#sentAt = this.#now();
    this.#sent.set(entry.id, entry);
    via.send(entry.frame);
  }
  #forgetOld() {
    for (const [id, entry] of this.#sent) {
      if (this.#now() - entry.sentAt < SENT_MEMORY_MS) break;
      this.#sent.delete(id);
    }
  }
};

// client/signaling/rollover.ts
function rollAfter({ timers, random }, welcome) {
  const { reconnectIn, reconnectBefore } = welcome;
  let left;
  if (typeof reconnectIn === "number") left = reconnectIn;
  else if (typeof reconnectBefore === "number") left = reconnectBefore - timers.now();
  else return void 0;
  const ms = left > 0 && left < MAX_CONNECTION_AGE_MS ? left : MAX_CONNECTION_AGE_MS - ROLL_SPREAD_MS;
  return ms - random() * Math.min(ms / 10, ROLL_SPREAD_MS);
}

// client/signaling/presence.ts
var Presence = class {
  /** Settles with the first join. */
  joined;
  calls;
  gathering;
  #options;
  #environment;
  #emit;
  #outbox;
  #dispatch;
  #place = { is: "waiting" };
  #state = "new";
  #resumeKey;
  #welcomedAt;
  /** Failures in a row. A connection that did not last is one, too. */
  #failures = 0;
  /** When a join was lost that the server may have carried out: a connection that has ended may still hold our id. */
  #lostJoinAt;
  /** Whether the last token was refused, on a reconnect. */
  #tokenRefused = false;
  #lastError;
  #resolveJoined = () => {
  };
  #rejectJoined = (_) => {
  };
  #closing = Promise.resolve();
  #cancelRetry = () => {
  };
  #cancelDeadline = () => {
  };
  #stopWaking = () => {
  };
  #cancelRoll = () => {
  };
  /** @param resumeKey of an earlier stay, if that had one: the server may not have noticed its end */
  constructor(options, environment, emit, resumeKey) {
    this.#options = options;
    this.#environment = environment;
    this.#emit = emit;
    this.#resumeKey = resumeKey;
    this.joined = new Promise((resolve, reject) => {
      this.#resolveJoined = resolve;
      this.#rejectJoined = reject;
    });
    this.joined.catch(() => {
    });
    this.#outbox = new Outbox(environment, () => this.#sender());
    this.calls = createCalls(environment.timers, this.#outbox);
    this.gathering = createGathering(environment.timers, (to, frame) => {
      this.#outbox.post({ ...frame, to }, (error) => emit("undelivered", to, error));
    });
    this.#dispatch = createDispatch({
      emit,
      outbox: this.#outbox,
      calls: this.calls,
      welcomedAgain: (connection, frame) => connection === this.#current && this.#remember(frame),
      goAway: (connection) => this.#goAway(connection),
      replaced: (connection, error) => this.#replaced(connection, error),
      outlawed: (connection, error) => this.#outlawed(connection, error)
    });
  }
  get state() {
    return this.#state;
  }
  get resumeKey() {
    return this.#resumeKey;
  }
  /** @param after the end of an earlier stay, if there was one */
  start(after2) {
    const { timers, onWake: onWake2 } = this.#environment;
    this.#cancelDeadline = timers.after(
      JOIN_DEADLINE_MS,
      () => this.#giveUp(new MeshError("TIMEOUT", "Not joined in time.", { cause: this.#lastError }))
    );
    this.#stopWaking = onWake2(() => this.#wake());
    this.#setState("joining");
    const begin = () => {
      if (this.#place.is !== "waiting") return;
      this.#place = { is: "away", next: void 0 };
      this.#connect();
    };
    if (after2 === void 0) begin();
    else {
      this.#closing = after2;
      void after2.then(begin);
    }
  }
  /**
   * Ends everything, and tells the server. Resolves once the connections are closed.
   * @param now whether to close them without waiting for the server
   */
  end(error = closed(), now = false) {
    if (this.#place.is === "left") return this.#closing;
    this.#cancelRetry();
    this.#cancelDeadline();
    this.#stopWaking();
    this.#cancelRoll();
    const ending = [this.#closing, this.#next?.leave(now), this.#current?.leave(now)];
    this.#closing = Promise.all(ending).then(() => {
    });
    this.#place = { is: "left" };
    this.#setState("left");
    this.#outbox.end(closed());
    this.gathering.end();
    this.#rejectJoined(error);
    return this.#closing;
  }
  /** Finds out now whether the connection is alive; or connects without further delay. */
  probe() {
    if (this.#state === "joined" || this.#state === "reconnecting") this.#wake();
  }
  #wake() {
    if (this.#current !== void 0) this.#current.probe();
    else this.#connect();
  }
  get #current() {
    return this.#place.is === "present" ? this.#place.current : void 0;
  }
  get #next() {
    return "next" in this.#place ? this.#place.next : void 0;
  }
  /** The connection to send on. Its id may be moving to the next one at this moment. */
  #sender() {
    const stage = this.#next?.stage;
    return stage === "pausing" || stage === "joining" ? void 0 : this.#current;
  }
  #setState(state) {
    if (this.#state === state) return;
    this.#state = state;
    this.#emit("state", state);
  }
  /** The server will not have us, or another client has our id. */
  #giveUp(error) {
    if (this.#place.is === "left") return;
    void this.end(error);
    this.#emit("error", error);
  }
  #connect() {
    this.#cancelRetry();
    const place = this.#place;
    if (place.is !== "away" && place.is !== "present" || place.next !== void 0) return;
    const next = new Connection({
      ...this.#options,
      environment: this.#environment,
      prepare: () => prepareJoin(this.#options, this.#resumeKey),
      pause: () => {
        const quietAt = this.#outbox.sentAt + QUIET_MS;
        return this.#current === void 0 ? 0 : quietAt - this.#environment.timers.elapsed();
      },
      welcomed: (connection, frame) => this.#welcomed(connection, frame),
      refused: (connection, error, retryAfter) => this.#refused(connection, error, retryAfter),
      frame: (connection, frame) => this.#place.is !== "left" && this.#dispatch(connection, frame),
      ended: (connection, error, stage) => {
        if (connection === this.#current) this.#lost(connection, error);
        else if (connection === this.#next) this.#failed(error, stage);
      },
      traffic: (direction, frame) => this.#emit("traffic", direction, frame)
    });
    this.#place = { ...place, next };
  }
  #connectIn(ms) {
    this.#cancelRetry();
    this.#cancelRetry = this.#environment.timers.after(ms, () => this.#connect());
  }
  #backoff(failures) {
    return backoff(failures, this.#environment.random);
  }
  #elapsed() {
    return this.#environment.timers.elapsed();
  }
  /** A connection that lasted makes up for the failures before it. */
  #judge() {
    const lasted = this.#welcomedAt !== void 0 && this.#elapsed() - this.#welcomedAt >= LASTING_MS;
    this.#failures = lasted ? 0 : this.#failures + 1;
  }
  /** The joined connection ended. */
  #lost(connection, error) {
    const next = this.#next;
    const moving = next?.stage === "joining";
    this.#place = moving ? { is: "moving", next } : { is: "away", next };
    this.#cancelRoll();
    this.#judge();
    if (next === void 0) this.#connectIn(this.#backoff(this.#failures));
    this.#outbox.lost(connection);
    if (!moving) this.#setState("reconnecting");
    this.#emit("error", error);
  }
  /** The next connection did not join. @param waitMs the pause that the server asks for */
  #failed(error, stage, waitMs = 0) {
    const current = this.#current;
    this.#place = current === void 0 ? { is: "away", next: void 0 } : { is: "present", current, next: void 0 };
    this.#lastError = error;
    const first = this.#welcomedAt === void 0;
    if (stage === "preparing" && first) return this.#giveUp(error);
    if (stage === "joining") this.#lostJoinAt ??= this.#elapsed();
    this.#connectIn(Math.max(waitMs, this.#backoff(this.#failures++)));
    if (current === void 0 && !first) this.#setState("reconnecting");
    this.#outbox.flush();
    this.#emit("error", error);
  }
  #refused(connection, error, retryAfter) {
    const wait = retryAfter + (error.retryable ? this.#backoff(connection.joins) : 0);
    if (error.retryable && connection.joins < MAX_JOINS) return connection.joinAgain(wait);
    const lostJoinAt = this.#lostJoinAt;
    const history = {
      welcomed: this.#welcomedAt !== void 0,
      lostJoinAge: lostJoinAt === void 0 ? void 0 : this.#elapsed() - lostJoinAt,
      freshToken: typeof this.#options.token === "function" && !this.#tokenRefused
    };
    if (!mayJoinAgain(error, history)) return this.#giveUp(error);
    this.#tokenRefused = error.code === "UNAUTHORIZED";
    connection.close();
    this.#failed(error, error.retryable ? "joining" : "ended", wait);
  }
  #welcomed(connection, frame) {
    const before = this.#current;
    const resumed = this.#place.is !== "away";
    if (before !== void 0) {
      this.#judge();
      before.retire();
    }
    this.#place = { is: "present", current: connection, next: void 0 };
    this.#tokenRefused = false;
    this.#lostJoinAt = void 0;
    this.#welcomedAt = this.#elapsed();
    this.#cancelDeadline();
    this.#remember(frame);
    this.#setState("joined");
    const iceServers = Array.isArray(frame.iceServers) ? frame.iceServers : void 0;
    this.#emit("welcome", { peers: peersOf(frame), iceServers }, resumed);
    this.#resolveJoined();
    this.#outbox.flush();
  }
  /** Takes from a welcome what the next connection needs. */
  #remember(frame) {
    if (typeof frame.resumeKey === "string") this.#resumeKey = frame.resumeKey;
    this.#cancelRoll();
    const ms = rollAfter(this.#environment, frame);
    if (ms === void 0) return;
    const leastMs = this.#failures === 0 ? 0 : backoffLimit(this.#failures);
    this.#cancelRoll = alarm(this.#environment.timers, Math.max(leastMs, ms), () => this.#connect());
  }
  /** The connection that is being replaced hears this, too. */
  #goAway(connection) {
    if (connection !== this.#current || this.#next !== void 0) return;
    this.#connectIn(this.#environment.random() * GO_AWAY_SPREAD_MS);
  }
  /** Another client has our id, unless a join of ours is under way: then our own join took it. */
  #replaced(connection, error) {
    if (connection === this.#current && this.#next?.stage !== "joining") this.#giveUp(error);
  }
  /** The connection is not ours any more, through no fault of ours. */
  #outlawed(connection, error) {
    if (error.code === "UNAUTHORIZED" && typeof this.#options.token !== "function") return this.#giveUp(error);
    if (connection !== this.#current) return;
    connection.close();
    this.#lost(connection, error);
  }
};
function closed() {
  return new MeshError("CLOSED", "The mesh was left.");
}

// client/signaling/create-session.ts
function createSession(options, environment) {
  const { on, emit } = createEmitter();
  let presence = new Presence(options, environment, emit);
  return {
    on,
    get state() {
      return presence.state;
    },
    join() {
      const before = presence;
      if (before.state === "new") before.start();
      if (before.state !== "left") return before.joined;
      presence = new Presence(options, environment, emit, before.resumeKey);
      presence.start(before.end());
      return presence.joined;
    },
    leave: () => presence.end(),
    close: () => void presence.end(void 0, true),
    send: (to, frame) => presence.gathering.send(to, frame),
    probe: () => presence.probe(),
    findPeers: (query) => presence.calls.findPeers(query)
  };
}

// client/signaling/url.ts
function signalingUrl(transportName, options) {
  const { stage, region } = options;
  const onAws = transportName === "aws-websocket";
  let url = onAws ? options.url : options.signalingServerUrl ?? options.url;
  if (!url) throw badOptions(`A ${onAws ? "url" : "signalingServerUrl"} is needed.`);
  for (const value of [url, stage ?? "", region ?? ""]) {
    if (typeof value !== "string") throw badOptions(`url, stage and region must be strings; got ${typeof value}.`);
  }
  if (onAws && /^\w+$/.test(url)) {
    if (!region) throw badOptions(`A region is needed with ${url}.`);
    url = `wss://${url}.execute-api.${region}.amazonaws.com${region.startsWith("cn-") ? ".cn" : ""}`;
  }
  const parsed = parseUrl(url);
  if (parsed === void 0 || !/^wss?:/.test(url)) throw badOptions(`A URL with ws: or wss: is needed; got ${url}.`);
  parsed.hash = "";
  if (onAws) {
    const defaultStage = parsed.hostname.includes(".execute-api.") ? "prod" : "";
    parsed.pathname = parsed.pathname.replace(/\/+$/, "") || (stage ?? defaultStage);
  }
  return parsed.href;
}
function parseUrl(url) {
  try {
    return new URL(url);
  } catch {
    return void 0;
  }
}

// client/options.ts
var ID_RULE = "1 to 128 printable characters";
function readOptions(options = {}) {
  if (!isRecord(options)) throw badOptions(`The options must be an object; got ${options}.`);
  const { transportName = "websocket", transportOptions = {}, token, rtcConfig = {}, signal, webrtc } = options;
  if (!isRecord(transportOptions)) throw badOptions(`transportOptions must be an object; got ${transportOptions}.`);
  if (!isRecord(rtcConfig)) throw badOptions(`rtcConfig must be an object; got ${rtcConfig}.`);
  const iceServers = options.iceServers ?? rtcConfig.iceServers;
  const { heartbeatInterval = HEARTBEAT_INTERVAL_MS, tokenAt = "join" } = transportOptions;
  const { signalingServerUrl = options.signalingServerUrl } = transportOptions;
  const environment = defaultEnvironment({
    WebSocket: options.WebSocket,
    RTCPeerConnection: webrtc?.RTCPeerConnection
  });
  const { peerId = environment.randomHex(40), room = "default", maxPeers = DEFAULT_MAX_PEERS } = options;
  const { ownerKey = environment.randomHex(32) } = options;
  const faults = [];
  const check = (name, value, holds, rule) => holds || faults.push(`${name} must be ${rule}; got ${isRecord(value) ? "an object" : String(value)}.`);
  const checkChoice = (name, value, ...choices) => check(name, value, choices.includes(value), choices.join(" or "));
  const { WebSocket, RTCPeerConnection } = environment;
  check("WebSocket", WebSocket, isFunction(WebSocket), "a class; Node.js before 22 has none, so pass the one of `ws`");
  const webrtcRule = "an implementation: a browser's worker has none, and for Node.js there is `@roamhq/wrtc`";
  check("webrtc", RTCPeerConnection, isFunction(RTCPeerConnection), webrtcRule);
  checkChoice("transportName", transportName, "aws-websocket", "websocket");
  checkChoice("tokenAt", tokenAt, "join", "connect");
  check("peerId", peerId, isId(peerId), ID_RULE);
  check("ownerKey", typeof ownerKey, isOwnerKey(ownerKey), "22 to 128 characters");
  check("room", room, isId(room), ID_RULE);
  check("maxPeers", maxPeers, Number.isInteger(maxPeers) && maxPeers >= 1, "a whole number from 1");
  check("heartbeatInterval", heartbeatInterval, heartbeatInterval >= 1e3, "ms from 1000");
  check("token", typeof token, ["string", "undefined", "function"].includes(typeof token), "a string or a function");
  check("signal", signal, signal === void 0 || isFunction(signal?.addEventListener), "an AbortSignal");
  if (iceServers !== void 0 && !Array.isArray(iceServers)) check("iceServers", iceServers, false, "a list");
  else if (iceServers !== void 0 || options.rtcConfig !== void 0) {
    const refusal2 = refusalOf(RTCPeerConnection, { ...rtcConfig, ...iceServers && { iceServers } });
    if (refusal2 !== void 0) faults.push(`RTCPeerConnection refuses iceServers or rtcConfig: ${refusal2}`);
  }
  let url = "";
  try {
    url = signalingUrl(transportName, { ...transportOptions, signalingServerUrl });
  } catch (error) {
    faults.push(error.message);
  }
  if (faults.length > 0) throw badOptions(faults.join(" "));
  return {
    environment,
    url,
    peerId,
    ownerKey,
    room,
    maxPeers,
    token,
    tokenAt,
    heartbeatInterval,
    iceServers,
    rtcConfig,
    signal
  };
}
function refusalOf(RTCPeerConnection, configuration) {
  try {
    if (RTCPeerConnection !== void 0) new RTCPeerConnection(configuration).close?.();
    return void 0;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
function isFunction(value) {
  return typeof value === "function";
}
function isRecord(value) {
  return isObject(value);
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

// client/webrtc/queue.ts
var CUT = 1024;
function createQueue() {
  let entries = [];
  let head = 0;
  return {
    get first() {
      return entries[head];
    },
    push: (entry) => void entries.push(entry),
    shift() {
      if (head === entries.length) return;
      entries[head++] = void 0;
      if (head === entries.length) entries.length = head = 0;
      else if (head >= CUT && head * 2 >= entries.length) {
        entries = entries.slice(head);
        head = 0;
      }
    },
    clear() {
      const rest = entries.slice(head);
      entries = [];
      head = 0;
      return rest;
    }
  };
}

// client/webrtc/sending.ts
var ended2 = () => passing("CLOSED", "The link ended.");
function createSending(timers, raw, dead) {
  const waiting = createQueue();
  let waitingBytes = 0;
  let full;
  let movedAt = timers.elapsed();
  let burst = 0;
  let cancelTurn;
  let closed2 = false;
  const put = (frame) => {
    try {
      raw.send(frame);
    } catch {
      if (!closed2) dead();
    }
  };
  const turn = () => {
    cancelTurn?.();
    cancelTurn = void 0;
    burst = 0;
    pump();
  };
  const pause = (ms) => {
    raw.bufferedAmountLowThreshold = Math.max(0, Math.min(BUFFER_LOW_BYTES, raw.bufferedAmount - 1));
    cancelTurn ??= timers.after(ms, turn);
  };
  const drained = () => {
    const isFull = raw.bufferedAmountLowThreshold === BUFFER_LOW_BYTES;
    if (isFull || globalThis.document?.visibilityState === "hidden") turn();
  };
  const pump = () => {
    for (let { first } = waiting; first !== void 0 && !closed2; { first } = waiting) {
      if (raw.bufferedAmount >= BUFFER_HIGH_BYTES) return pause(DRAIN_POLL_MS);
      if (burst >= BURST_FRAMES) return pause(0);
      if (burst++ === 0) pause(0);
      movedAt = timers.elapsed();
      put(first.next ?? first.frames.next().value);
      first.next = first.frames.next().value;
      if (first.next !== void 0 || closed2) continue;
      waiting.shift();
      waitingBytes -= first.cost;
      full = void 0;
      first.settle();
    }
  };
  raw.onbufferedamountlow = drained;
  return {
    put,
    isStuck: (ms) => waiting.first !== void 0 && timers.elapsed() - movedAt > ms,
    async send(message) {
      if (closed2) throw ended2();
      const cost = message.length + WAITING_COST_BYTES;
      if (waiting.first !== void 0 && waitingBytes + cost > MAX_WAITING_BYTES) {
        full ??= passing("BUFFER_FULL", "Too much waits to be sent.");
        throw full;
      }
      return new Promise((resolve, reject) => {
        if (waiting.first === void 0) movedAt = timers.elapsed();
        waitingBytes += cost;
        waiting.push({
          frames: typeof message === "string" ? [message].values() : split(message),
          next: void 0,
          cost,
          settle: (error) => error === void 0 ? resolve() : reject(error)
        });
        pump();
      });
    },
    close() {
      closed2 = true;
      cancelTurn?.();
      for (const { settle } of waiting.clear()) settle(ended2());
    }
  };
}

// client/webrtc/channel.ts
function createChannel({ timers }, raw, framed, events) {
  const joiner = createJoiner(MAX_DATA_BYTES + MAX_HEADER_BYTES);
  let closed2 = false;
  let heardAt = timers.elapsed();
  let silent = false;
  let cancelWait;
  let isAsking = false;
  const close = () => {
    closed2 = true;
    stopChecking();
    cancelWait?.();
    sending.close();
  };
  const die = () => {
    if (closed2) return;
    close();
    events.dead();
  };
  const sending = createSending(timers, raw, die);
  const check = () => {
    const silentMs = timers.elapsed() - heardAt;
    const isDead = sending.isStuck(CHANNEL_DEAD_MS) || framed && silentMs > CHANNEL_DEAD_MS;
    if (isDead && events.replaceable()) return die();
    stopChecking = timers.after(CHANNEL_CHECK_MS, check);
    if (framed && silentMs >= CHANNEL_SILENCE_MS) sending.put(Uint8Array.of(PING));
  };
  const receiveText = (text) => {
    if (!framed && text.length <= MAX_DATA_BYTES) events.message(text);
  };
  const receiveFrame = (frame) => {
    if (frame[0] === PING && raw.bufferedAmount < BUFFER_HIGH_BYTES) sending.put(Uint8Array.of(PONG));
    if (frame[0] !== LAST && frame[0] !== MORE) return;
    const message = joiner.add(frame);
    if (message === "too large") die();
    else if (message !== void 0) events.message(message);
  };
  let stopChecking = timers.after(CHANNEL_CHECK_MS, check);
  raw.onmessage = ({ data }) => {
    if (closed2) return;
    heardAt = timers.elapsed();
    cancelWait?.();
    cancelWait = void 0;
    isAsking = silent = false;
    if (typeof data === "string") return receiveText(data);
    const bytes = bytesOf(data);
    if (bytes === void 0) return;
    if (framed) receiveFrame(bytes);
    else receiveText(decodeText(bytes));
  };
  const wait = (ms, then) => {
    cancelWait?.();
    cancelWait = timers.after(ms, () => {
      cancelWait = void 0;
      then();
    });
  };
  const probe = (unanswered) => {
    if (!framed || closed2 || isAsking) return;
    isAsking = true;
    sending.put(Uint8Array.of(PING));
    wait(PROBE_MS, () => {
      isAsking = false;
      silent = true;
      unanswered();
    });
  };
  return {
    close,
    probe,
    get silent() {
      return silent;
    },
    send(message) {
      if (framed && !closed2 && cancelWait === void 0) {
        wait(UNHEARD_MS, () => {
          if (raw.bufferedAmount < BUFFER_LOW_BYTES) probe(events.unheard);
        });
      }
      return sending.send(message);
    }
  };
}

// client/webrtc/negotiation.ts
function createNegotiation(duties) {
  const { connection } = duties;
  let local = { name: "none" };
  let described = false;
  let round = 0;
  let closed2 = false;
  let work = Promise.resolve();
  const step = (run) => {
    work = work.then(() => closed2 ? void 0 : run()).catch((error) => {
      if (!closed2) duties.failed(error);
    });
  };
  const tell = (type, ofRound) => {
    const sdp = connection.localDescription?.sdp ?? "";
    local = { name: "sent", sdp };
    duties.send({ type, sdp, round: ofRound });
  };
  const describe = async (type, iceRestart, ofRound) => {
    if (iceRestart) connection.setConfiguration(duties.configuration());
    local = { name: "gathering" };
    await connection.setLocalDescription(
      await (type === "offer" ? connection.createOffer({ iceRestart }) : connection.createAnswer())
    );
    await gathered(duties, iceRestart);
    if (!closed2) tell(type, ofRound);
  };
  const addCandidate = ({ candidate }) => {
    connection.addIceCandidate(candidate).catch(() => {
    });
  };
  const apply = async ({ type, sdp }) => {
    await connection.setRemoteDescription({ type, sdp });
    described = true;
    for (const candidate of duties.early()) addCandidate(candidate);
  };
  connection.onicecandidate = ({ candidate }) => {
    if (local.name !== "sent" || closed2 || !candidate?.candidate || isPartOf(local.sdp, candidate)) return;
    duties.send({ type: "candidate", candidate: candidate.toJSON() });
  };
  return {
    offer: (iceRestart) => step(() => describe("offer", iceRestart, ++round)),
    repeat: () => step(async () => {
      if (connection.signalingState === "have-local-offer") tell("offer", round);
    }),
    answer: (offer, iceRestart) => step(async () => {
      await apply(offer);
      await describe("answer", iceRestart, offer.round);
    }),
    complete: (answer, taken) => step(async () => {
      if (connection.signalingState !== "have-local-offer") return;
      if (answer.round !== void 0 && answer.round !== round) return;
      taken();
      await apply(answer);
    }),
    add(candidate) {
      if (described) addCandidate(candidate);
      return described;
    },
    close() {
      closed2 = true;
    }
  };
}
function isPartOf(sdp, { candidate }) {
  const [address = ""] = candidate.split(" typ ");
  return sdp.includes(address);
}
function gathered({ timers, connection }, again) {
  return new Promise((resolve) => {
    if (!again && connection.iceGatheringState === "complete") return resolve();
    const cancel = timers.after(GATHERING_MS, resolve);
    connection.onicegatheringstatechange = () => {
      if (connection.iceGatheringState !== "complete") return;
      cancel();
      resolve();
    };
  });
}

// client/webrtc/repair.ts
function createRepair({ timers, connection, role, signaling, ...duties }) {
  let path = { name: "whole" };
  const enter = (next) => {
    if (path.name !== "whole") path.cancel();
    path = next;
  };
  const wait = (leftMs, toldAt) => enter({ name: "restarting", cancel: timers.after(REPEAT_MS, judge), toldAt, leftMs });
  const restart = (leftMs = RESTART_MS) => {
    if (!duties.possible()) return duties.giveUp();
    wait(leftMs, timers.elapsed());
    signaling.probe();
    duties.restart();
  };
  const judge = () => {
    if (path.name !== "restarting") return;
    if (connection.connectionState === "connected") {
      enter({ name: "whole" });
      return duties.check();
    }
    const isUp = signaling.isUp();
    const leftMs = path.leftMs - (isUp ? REPEAT_MS : 0);
    if (leftMs <= 0) return duties.giveUp();
    wait(leftMs, isUp ? timers.elapsed() : path.toldAt);
    if (isUp) duties.repeat();
  };
  const broke = () => {
    if (path.name !== "restarting") restart();
  };
  const suspect = () => enter({ name: "doubtful", cancel: timers.after(DOUBT_POLL_MS, look) });
  const look = () => {
    if (!duties.isSilent()) enter({ name: "whole" });
    else if (signaling.isUp()) suspect();
    else restart();
  };
  return {
    watch() {
      const { connectionState } = connection;
      if (connectionState === "connected") enter({ name: "whole" });
      else if (connectionState === "failed") broke();
      else if (connectionState === "closed") duties.giveUp();
      else if (connectionState === "disconnected" && duties.isSilent()) broke();
      else if (connectionState === "disconnected" && path.name === "whole") {
        const patienceMs = role === "caller" ? DISCONNECTED_MS : 2 * DISCONNECTED_MS;
        enter({ name: "doubtful", cancel: timers.after(patienceMs, restart) });
        signaling.probe();
      }
    },
    doubt() {
      signaling.probe();
      if (path.name === "doubtful") restart();
      else if (path.name === "whole") suspect();
    },
    broke,
    again() {
      if (!duties.possible()) return;
      if (path.name !== "restarting") return restart();
      if (timers.elapsed() - path.toldAt >= REPEAT_MS / 2) restart(path.leftMs);
    },
    close: () => enter({ name: "whole" })
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
var ALWAYS_UP = { isUp: () => true, probe() {
} };
function createLife(connection, events, cancelDeadline) {
  let state = { name: "connecting", cancelDeadline };
  const held = [];
  const close = () => {
    if (state.name === "ended") return;
    if (state.name === "connecting") state.cancelDeadline();
    else state.channel.close();
    state = { name: "ended" };
    for (const one of held) one.close();
    connection.close();
  };
  const end = (tell) => {
    if (state.name === "ended") return;
    close();
    tell();
  };
  return {
    get state() {
      return state;
    },
    /** To be closed before the connection. */
    hold(one) {
      held.push(one);
      return one;
    },
    open(channel) {
      if (state.name === "connecting") state.cancelDeadline();
      state = { name: "open", channel };
      events.open();
    },
    close,
    left: () => end(events.left),
    fail: (failure) => end(() => events.failed(failure))
  };
}
function createAttempt(options, id, role, events) {
  const { environment, signaling = ALWAYS_UP } = options;
  const { timers } = environment;
  const configuration = () => ({ ...options.rtcConfig, iceServers: [...options.iceServers()] });
  const connection = new environment.RTCPeerConnection(configuration());
  const whyUnlinked = diagnose(connection, options);
  const cancelDeadline = timers.after(ATTEMPT_TIMEOUT_MS, () => life.fail(whyUnlinked()));
  const life = createLife(connection, events, cancelDeadline);
  let foreign = id === void 0;
  let raw;
  const negotiation = life.hold(
    createNegotiation({
      timers,
      connection,
      configuration,
      early: () => options.earlyCandidates(id),
      send: events.signal,
      failed: (error) => life.fail(descriptionFailure(error))
    })
  );
  const ask = () => events.signal({ type: "renegotiate" });
  const check = () => {
    if (life.state.name === "open") life.state.channel.probe(repair.broke);
  };
  const repair = life.hold(
    createRepair({
      timers,
      connection,
      role,
      signaling,
      // p2pmesh's peers give up at this point.
      possible: () => life.state.name === "open" && !foreign,
      restart: role === "caller" ? () => negotiation.offer(true) : ask,
      repeat: role === "caller" ? negotiation.repeat : ask,
      isSilent: () => life.state.name === "open" && life.state.channel.silent,
      check,
      giveUp: () => life.fail(whyUnlinked())
    })
  );
  const use = (given) => {
    raw = life.hold(given);
    const open = () => {
      if (life.state.name !== "connecting") return;
      life.open(
        createChannel(environment, given, !foreign, {
          message: events.message,
          dead: () => life.fail(linkFailure("timeout")),
          unheard: repair.doubt,
          replaceable: signaling.isUp
        })
      );
    };
    watchChannel(given, open, life.left);
  };
  const receive = (signal) => {
    if (signal.type === "candidate") return negotiation.add(signal);
    if (role === "caller" && signal.type === "renegotiate") repair.again();
    else if (role === "called" && signal.type === "offer") negotiation.answer(signal, life.state.name === "open");
    else if (role === "caller" && signal.type === "answer") {
      negotiation.complete(signal, () => {
        foreign = signal.attempt === void 0;
      });
    }
    return true;
  };
  connection.onconnectionstatechange = repair.watch;
  if (role === "caller") {
    use(connection.createDataChannel(LABEL));
    negotiation.offer(false);
  } else {
    connection.ondatachannel = ({ channel }) => raw === void 0 ? use(channel) : channel.close();
  }
  return {
    id,
    role,
    close: life.close,
    receive,
    get isOpen() {
      return life.state.name === "open";
    },
    get foreign() {
      return foreign;
    },
    send: (message) => life.state.name === "open" ? life.state.channel.send(message) : void 0,
    stats: () => readStats(connection),
    probe: () => connection.connectionState === "connected" ? check() : repair.again()
  };
}
function watchChannel(raw, opened, closed2) {
  raw.binaryType = "arraybuffer";
  raw.onclose = closed2;
  raw.onopen = opened;
  if (raw.readyState === "open") opened();
}
function diagnose(connection, { iceServers }) {
  let cause;
  connection.onicecandidateerror = ({ url, errorCode, errorText }) => {
    cause = new Error(`${url}: ${errorCode} ${errorText}`);
  };
  return () => {
    if (connection.remoteDescription === null) return linkFailure("timeout");
    return noPath(iceServers(), cause);
  };
}

// client/webrtc/link.ts
function createPhase(timers, events) {
  let state = { name: "idle" };
  let since = timers.now();
  return {
    get state() {
      return state;
    },
    get since() {
      return since;
    },
    get attempt() {
      return "attempt" in state ? state.attempt : void 0;
    },
    /** The attempt that this side made and that is not open yet. */
    get calling() {
      return state.name === "attempting" && state.attempt.role === "caller" ? state.attempt.id : void 0;
    },
    /** Stops the attempt, or the pause before the next one. */
    stop() {
      if ("attempt" in state) state.attempt.close();
      else if (state.name === "pausing") state.cancelRetry();
    },
    enter(next) {
      const wasOpen = state.name === "open";
      const isOpen = next.name === "open";
      state = next;
      if (wasOpen === isOpen) return;
      since = timers.now();
      if (isOpen) events.connect();
      else events.disconnect();
    }
  };
}
var createLink = (options, events) => {
  const { environment, selfId, peerId } = options;
  const phase = createPhase(environment.timers, events);
  const { enter } = phase;
  let wanted = false;
  let tries = 0;
  const isEnded = () => phase.state.name === "ended";
  const end = (why, failure) => {
    stopListening();
    enter({ name: "ended" });
    events.end(why, failure);
  };
  const stopListening = environment.onWake(() => phase.attempt?.probe());
  const failed = (failure) => {
    if (phase.state.name === "open") tries = 0;
    if (!wanted) return end("broken");
    if (tries >= LINK_TRIES) return end("failed", failure);
    const pauseMs = environment.random() * RETRY_BASE_MS * 2 ** (tries - 1);
    enter({ name: "pausing", cancelRetry: environment.timers.after(pauseMs, call) });
  };
  const begin = (id, role) => {
    phase.stop();
    enter({ name: "idle" });
    if (isEnded()) return;
    try {
      const attempt = createAttempt(options, id, role, {
        signal: (signal) => events.signal({ ...signal, attempt: id, ..."sdp" in signal && options.marks() }),
        open: () => enter({ name: "open", attempt }),
        message: events.message,
        // A side that closes an open link means it. Before that it may have made place for another attempt.
        left: () => phase.state.name === "open" ? end("left") : failed(linkFailure("timeout")),
        failed
      });
      enter({ name: "attempting", attempt });
    } catch (error) {
      failed(linkFailure("refused", error));
    }
  };
  const call = () => {
    if (phase.state.name !== "idle" && phase.state.name !== "pausing") return;
    wanted = true;
    tries++;
    begin(environment.randomHex(16), "caller");
  };
  const receive = (signal) => {
    if (isEnded()) return true;
    const { attempt } = phase;
    const belongs = attempt !== void 0 && (signal.attempt ?? attempt.id) === attempt.id;
    if (signal.type !== "offer") return belongs && attempt.receive(signal);
    const ours = signal.attempt !== void 0;
    if (phase.calling !== void 0 && ours && selfId < peerId) return true;
    if (!belongs || !ours) begin(signal.attempt, "called");
    phase.attempt?.receive(signal);
    return true;
  };
  return {
    peerId,
    get state() {
      return phase.state.name === "open" ? "open" : "connecting";
    },
    get since() {
      return phase.since;
    },
    get foreign() {
      return phase.attempt?.foreign ?? false;
    },
    get calling() {
      return phase.calling;
    },
    call,
    receive,
    send: (message) => phase.attempt?.send(message),
    stats: () => phase.attempt?.stats(),
    close() {
      if (isEnded()) return;
      stopListening();
      phase.stop();
      enter({ name: "ended" });
    }
  };
};

// client/index.ts
async function createMesh(options) {
  const settings = readOptions(options);
  let session;
  const signaling = { isUp: () => session?.state === "joined", probe: () => session?.probe() };
  return assembleMesh({
    ...settings,
    openSession: () => session = createSession(settings, settings.environment),
    createLink: (link, events) => createLink({ ...link, rtcConfig: settings.rtcConfig, signaling }, events)
  });
}
export {
  MeshError,
  createMesh
};
