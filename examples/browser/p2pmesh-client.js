// Made by scripts/build-client.mjs from client/. Change the sources, then run `npm run build:client -- --page`.
// \0rolldown/runtime.js
var __defProp = Object.defineProperty;
var __esmMin = (fn, res, err) => () => {
	if (err) throw err[0];
	try {
		return fn && (res = fn(fn = 0)), res;
	} catch (e) {
		throw err = [e], e;
	}
};
var __exportAll = (all, no_symbols) => {
	let target = {};
	for (var name in all) __defProp(target, name, {
		get: all[name],
		enumerable: true
	});
	if (!no_symbols) __defProp(target, Symbol.toStringTag, { value: "Module" });
	return target;
};
// client/errors.ts
function passing(code, message, details) {
	return new MeshError(code, message, {
		...details,
		retryable: true
	});
}
function left() {
	return new MeshError("CLOSED", "The mesh was left.");
}
function unlinked() {
	return Promise.reject(passing("CLOSED", "The link ended."));
}
function full(details) {
	return passing("BUFFER_FULL", "Too much waits to be sent.", details);
}
function loaded(part) {
	return part.catch((cause) => {
		throw passing("NOT_LOADED", "A part of the client did not load.", { cause });
	});
}
function badOptions(message) {
	return new MeshError("BAD_OPTIONS", message);
}
var MeshError;
var init_errors = __esmMin((() => {
	MeshError = class extends Error {
		name = "MeshError";
		constructor(code, message, details = {}) {
			super(message, details);
			this.code = code;
			this.peerId = details.peerId;
			this.retryable = details.retryable ?? false;
			this.reason = details.reason;
		}
	};
}));
// client/data.ts
function bytesOf(value) {
	if (ArrayBuffer.isView(value)) return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
	return value instanceof ArrayBuffer || /^(Shared)?ArrayBuffer$/.test(tagOf(value)) ? new Uint8Array(value) : void 0;
}
function isBlob(value) {
	return ["Blob", "File"].includes(tagOf(value)) && typeof value.arrayBuffer === "function";
}
function isStream(value) {
	const { getReader, [Symbol.asyncIterator]: iterator } = value ?? {};
	return getReader !== void 0 || iterator !== void 0;
}
function tooLarge(maxBytes, bytes) {
	return new MeshError("TOO_LARGE", `Data may have ${maxBytes} bytes; got ${bytes}.`);
}
function toJson(data) {
	let json;
	try {
		json = JSON.stringify(data, refuseChanges);
	} catch (error) {
		throw error instanceof BadData ? error : new BadData(void 0, error);
	}
	if (json === void 0) throw new BadData({
		key: "",
		isInList: false,
		given: data,
		value: data
	});
	return json;
}
function refuseChanges(key, value) {
	const given = this[key];
	const tag = tagOf(value);
	const isInList = Array.isArray(this);
	if ((bytesOf(given) ?? isBlob(given)) || value === null && given !== null || tag === "Number" && !Number.isFinite(Number(value)) || value === void 0 && isInList || !FAITHFUL.test(tag)) throw new BadData({
		key,
		isInList,
		given,
		value
	});
	return value;
}
var tagOf, BadData, FAITHFUL;
var init_data = __esmMin((() => {
	init_errors();
	tagOf = (value) => Object.prototype.toString.call(value).slice(8, -1);
	BadData = class extends Error {
		changed;
		constructor(changed, cause) {
			super("", { cause });
			this.changed = changed;
		}
	};
	FAITHFUL = /^(Object|Array|String|Number|Boolean|Null|Undefined)$/;
}));
// client/heedless.ts
function heedless(promise) {
	promise.catch(() => {});
	return promise;
}
var DONE;
var init_heedless = __esmMin((() => {
	DONE = Promise.resolve();
}));
// client/emitter.ts
function createEmitter(report = throwLater) {
	const entries = /* @__PURE__ */ new Map();
	const entriesOf = (name) => entries.get(name) ?? [];
	const remove = (name, removed) => entries.set(name, entriesOf(name).filter((entry) => entry !== removed));
	const add = (name, listener, once) => {
		const off = () => void remove(name, entry);
		const entry = [listener, (values) => {
			if (once) off();
			listener(...values);
		}];
		entries.set(name, [...entriesOf(name), entry]);
		return off;
	};
	return {
		on: (name, listener) => add(name, listener, false),
		once: (name, listener) => add(name, listener, true),
		off(name, listener) {
			remove(name, entriesOf(name).find(([other]) => other === listener));
		},
		emit(name, ...values) {
			for (const [, call] of entriesOf(name)) try {
				call(values);
			} catch (error) {
				report(error);
			}
		}
	};
}
function throwLater(error) {
	queueMicrotask(() => {
		throw error;
	});
}
var init_emitter = __esmMin((() => {}));
// protocol/limits.ts
var init_limits$1 = __esmMin((() => {}));
// client/ids.ts
function isId(value) {
	return typeof value === "string" && value !== "" && value.length <= 128 && !/[\p{Cc}\p{Cf}\p{Cs}]/u.test(value);
}
function isKademliaId(id) {
	return /^[0-9a-f]{40}$/i.test(id);
}
var init_ids = __esmMin((() => {
	init_limits$1();
}));
// client/limits.ts
var init_limits = __esmMin((() => {}));
// client/webrtc/failure.ts
init_data();
init_heedless();
init_emitter();
init_ids();
init_limits();
init_errors();
const TIMEOUT = { reason: "timeout" };
function descriptionFailure(cause) {
	return {
		reason: cause instanceof MeshError && cause.code === "TOO_LARGE" ? "too-large" : "description",
		cause
	};
}
// client/bounded-map.ts
var BoundedMap, BoundedMemory;
var init_bounded_map = __esmMin((() => {
	BoundedMap = class extends Map {
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
	BoundedMemory = class {
		#keys;
		constructor(limit) {
			this.#keys = new BoundedMap(limit);
		}
		isNew(key) {
			if (this.#keys.has(key)) return false;
			this.#keys.set(key, true);
			return true;
		}
	};
}));
// client/limiter.ts
var Limiter;
var init_limiter = __esmMin((() => {
	init_bounded_map();
	Limiter = class {
		#timers;
		#times;
		#ms;
		#windows = new BoundedMap(256);
		constructor(timers, times, ms) {
			this.#timers = timers;
			this.#times = times;
			this.#ms = ms;
		}
		allows(peerId) {
			const now = this.#timers.elapsed();
			let window = this.#windows.get(peerId);
			if (window === void 0 || now - window.since >= this.#ms) {
				window = {
					since: now,
					count: 0
				};
				this.#windows.set(peerId, window);
			}
			return ++window.count <= this.#times;
		}
	};
}));
// client/json.ts
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
		return;
	}
}
function isObject(value) {
	return typeof value === "object" && value !== null && !Array.isArray(value);
}
var encoder, decoder;
var init_json = __esmMin((() => {
	encoder = new TextEncoder();
	decoder = new TextDecoder();
}));
// client/mesh/payload.ts
function encodeData(data, maxBytes = 1048576) {
	const bytes = bytesOf(data);
	const body = bytes ?? encodeText(toJson(data));
	if (body.length > maxBytes) throw tooLarge(maxBytes, body.length);
	return {
		bytes: bytes !== void 0,
		body
	};
}
function kept(payload) {
	return {
		...payload,
		body: payload.body.slice()
	};
}
function decodeData({ bytes, body }) {
	return bytes ? body.slice() : parseJson(decodeText(body));
}
var NO_PAYLOAD;
var init_payload = __esmMin((() => {
	init_json();
	init_limits();
	NO_PAYLOAD = {
		bytes: false,
		body: /* @__PURE__ */ new Uint8Array(0)
	};
}));
// client/mesh/frames.ts
function encodeFrame(frame) {
	const known = encoded.get(frame);
	if (known !== void 0) return known;
	const isDirect = frame.kind === "direct";
	const head = isDirect ? DIRECT[+frame.bytes] : encodeHeader(JSON.stringify(headerOf(frame)));
	const { body = NO_PAYLOAD.body } = frame;
	const bytes = new Uint8Array(head.length + body.length);
	bytes.set(head);
	bytes.set(body, head.length);
	if (!isDirect) encoded.set(frame, bytes);
	return bytes;
}
function decodeFrame(message) {
	const direct = DIRECT.find((head) => head.every((byte, n) => byte === message[n]));
	const end = direct?.length ?? message.subarray(0, 4097).indexOf(NEWLINE) + 1;
	const body = message.subarray(end);
	if (direct !== void 0) return {
		kind: "direct",
		bytes: direct === DIRECT[1],
		body
	};
	const header = parseJson(decodeText(message.subarray(1, end)));
	return isObject(header) ? readHeader(header, body) : void 0;
}
function headerOf(frame) {
	switch (frame.kind) {
		case "routed": {
			const { id, attempt, from, to, hops, answers, probe, bytes, latest } = frame;
			return {
				i: id,
				n: attempt,
				f: from,
				t: to,
				h: hops,
				b: flag(bytes),
				a: answers,
				p: flag(probe),
				l: latest
			};
		}
		case "beacon":
		case "bridge": return {
			k: frame.kind,
			...frame,
			kind: void 0
		};
		default: return {
			k: frame.kind,
			...frame.fields
		};
	}
}
function readHeader(header, body) {
	const { k, i, n, f, t, h, b, a, p, l, ...fields } = header;
	const bytes = b === 1;
	let frame;
	if (k === "beacon" || k === "bridge") frame = {
		kind: k,
		...fields
	};
	else if (k === "members" || k === "overlay" || k === "transfer" || k === "tree") return {
		kind: k,
		fields: header,
		bytes: true,
		body
	};
	else if (i === void 0) return {
		kind: "direct",
		bytes,
		body
	};
	else frame = {
		kind: "routed",
		id: i,
		attempt: n ?? void 0,
		from: f,
		to: t ?? void 0,
		hops: h,
		answers: a ?? void 0,
		probe: p === 1,
		latest: l ?? void 0,
		bytes,
		body
	};
	return isWithinBounds$1(frame) ? frame : void 0;
}
function isWithinBounds$1(frame) {
	switch (frame.kind) {
		case "routed": {
			const { id, attempt, from, to, hops, answers, latest } = frame;
			return [
				id,
				from,
				to ?? id,
				answers ?? id,
				latest ?? id
			].every(isId) && isWhole(attempt ?? 1, 1, 6) && isWhole(hops, 1, 16);
		}
		case "bridge": return isId(frame.to) && isWhole(frame.steps, 0, 16);
		default: return true;
	}
}
function isWhole(value, least, most) {
	return Number.isInteger(value) && value >= least && value <= most;
}
function flag(value) {
	return value ? 1 : void 0;
}
var NEWLINE, encodeHeader, DIRECT, encoded;
var init_frames$1 = __esmMin((() => {
	init_json();
	init_limits();
	init_payload();
	NEWLINE = 10;
	encodeHeader = (header) => encodeText(`\0${header}\n`);
	DIRECT = ["{}", "{\"b\":1}"].map(encodeHeader);
	encoded = /* @__PURE__ */ new WeakMap();
}));
// client/mesh/island.ts
var island_exports = /* @__PURE__ */ __exportAll({
	Island: () => Island,
	start: () => start$6
});
function start$6({ environment, selfId, emitter, ours, control, hasTree }) {
	const island = new Island({
		timers: environment.timers,
		selfId,
		neighbours: ours,
		send: (peerIds, beacon) => control(peerIds, {
			...beacon,
			tree: hasTree() || void 0
		})
	});
	emitter.on("peer:connect", (peerId) => island.connected(peerId));
	emitter.on("peer:disconnect", (peerId) => island.disconnected(peerId));
	for (const peerId of ours()) island.connected(peerId);
	return island;
}
function isWithinBounds({ root, seq, age, parent, links }) {
	const areIds = isId(root) && (parent === "" || isId(parent));
	const areCounts = isWhole(seq, 0, Number.MAX_SAFE_INTEGER) && isWhole(links, 0, 65535);
	return areIds && areCounts && isWhole(age, 0, 35e3);
}
var Island;
var init_island = __esmMin((() => {
	init_ids();
	init_limiter();
	init_limits();
	init_frames$1();
	Island = class {
		#options;
		#heard = /* @__PURE__ */ new Map();
		#limiter;
		#own;
		#since;
		constructor(options) {
			this.#options = options;
			this.#limiter = new Limiter(options.timers, 32, 1e4);
			this.#own = this.#asRoot(options.timers.now());
			this.#since = options.timers.elapsed();
		}
		get root() {
			return this.#own.root;
		}
		leads() {
			return this.root === this.#options.selfId && this.#options.timers.elapsed() - this.#since > 2e4;
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
			if (!isWithinBounds(beacon) || !this.#limiter.allows(from)) return;
			this.#heard.set(from, beacon);
			const { selfId, timers } = this.#options;
			const { root, seq, age, parent } = beacon;
			const own = this.#own;
			if (root === selfId) return;
			if ((root < own.root || root === own.root && seq > own.seq) && parent !== selfId && parent !== "") this.#adopt({
				root,
				seq,
				at: timers.elapsed() - age,
				parent: from
			});
			else if (from === own.parent && root === own.root && parent === "") this.#orphan();
		}
		tick() {
			if (this.#own.root === this.#options.selfId || this.#age() > 35e3) this.#beRoot();
		}
		redundant() {
			const own = this.#own;
			if (own.parent === "" || this.#age() > 2e4) return [];
			return this.#options.neighbours().flatMap((peerId) => {
				const beacon = this.#heard.get(peerId);
				if (beacon?.root !== own.root || beacon.seq !== own.seq) return [];
				return peerId === own.parent || beacon.parent === this.#options.selfId || beacon.parent === "" ? [] : [{
					peerId,
					links: beacon.links,
					tree: beacon.tree
				}];
			}).sort((a, b) => b.links - a.links);
		}
		#age() {
			return this.#options.timers.elapsed() - this.#own.at;
		}
		#asRoot(seq) {
			const { selfId, timers } = this.#options;
			return {
				root: selfId,
				seq,
				at: timers.elapsed(),
				parent: selfId
			};
		}
		#beRoot() {
			const last = this.#own.root === this.#options.selfId ? this.#own.seq : 0;
			this.#adopt(this.#asRoot(Math.max(last + 1, this.#options.timers.now())));
		}
		#orphan() {
			this.#adopt({
				...this.#own,
				parent: ""
			});
		}
		#adopt(next) {
			if (next.root !== this.root) this.#since = this.#options.timers.elapsed();
			this.#own = next;
			this.#tell(this.#options.neighbours());
		}
		#tell(peerIds) {
			const { root, seq, parent } = this.#own;
			const age = Math.round(this.#age());
			if (age > 35e3) return;
			const links = this.#options.neighbours().length;
			this.#options.send(peerIds, {
				kind: "beacon",
				root,
				seq,
				age,
				parent,
				links
			});
		}
	};
}));
// client/members/attendance.ts
var Attendance;
var init_attendance = __esmMin((() => {
	init_limits();
	Attendance = class {
		#timers;
		#events;
		#present = /* @__PURE__ */ new Map();
		#missed = /* @__PURE__ */ new Map();
		#awaited = /* @__PURE__ */ new Map();
		constructor(timers, events) {
			this.#timers = timers;
			this.#events = events;
		}
		get present() {
			return this.#present;
		}
		look(reached, metadata) {
			const now = this.#timers.elapsed();
			const news = [];
			this.#lookForArrivals(now, reached, metadata, news);
			this.#lookForDepartures(now, reached, metadata, news);
			for (const tell of news) tell();
			const due = [...[...this.#awaited.values()].map((since) => since + 1e3), ...[...this.#missed].map(([id, since]) => since + (this.#present.has(id) ? 1e3 : 1e4))];
			return due.length === 0 ? void 0 : Math.max(1, Math.min(...due) - now);
		}
		clear() {
			this.#present.clear();
			this.#missed.clear();
			this.#awaited.clear();
		}
		#lookForArrivals(now, reached, metadata, news) {
			for (const id of this.#awaited.keys()) if (!reached.has(id)) this.#awaited.delete(id);
			for (const id of reached) {
				this.#missed.delete(id);
				const known = this.#present.get(id);
				const told = metadata.get(id);
				if (known !== void 0) {
					if (told === void 0 || told === known) continue;
					this.#present.set(id, told);
					if (JSON.stringify(told) !== JSON.stringify(known)) news.push(() => this.#events.update(id, told));
					continue;
				}
				if (told === void 0 && !this.#isOver(this.#awaited, id, now, 1e3)) continue;
				this.#awaited.delete(id);
				const first = told ?? {};
				this.#present.set(id, first);
				news.push(() => this.#events.join(id, first));
				if (told === void 0) news.push(() => this.#events.bare());
			}
		}
		#lookForDepartures(now, reached, metadata, news) {
			for (const id of /* @__PURE__ */ new Set([...this.#present.keys(), ...metadata.keys()])) {
				if (reached.has(id)) continue;
				if (this.#isOver(this.#missed, id, now, 1e3) && this.#present.delete(id)) news.push(() => this.#events.leave(id));
				if (!this.#isOver(this.#missed, id, now, 1e4)) continue;
				this.#missed.delete(id);
				this.#events.forget(id);
			}
			for (const id of this.#missed.keys()) if (!this.#present.has(id) && !metadata.has(id)) this.#missed.delete(id);
		}
		#isOver(since, id, now, ms) {
			const start = since.get(id) ?? now;
			since.set(id, start);
			return now - start >= ms;
		}
	};
}));
// client/members/reach.ts
function reach(selfId, ownLinks, records) {
	const told = new Map(records.map(({ id, links }) => [id, new Set(links)]));
	told.set(selfId, new Set(ownLinks));
	const linked = /* @__PURE__ */ new Map();
	const add = (from, to) => {
		const others = linked.get(from);
		if (others === void 0) linked.set(from, [to]);
		else others.push(to);
	};
	for (const [id, links] of told) for (const other of links) {
		const theirs = told.get(other);
		if (theirs?.has(id) === false) continue;
		add(id, other);
		if (theirs === void 0) add(other, id);
	}
	const hops = /* @__PURE__ */ new Map([[selfId, 0]]);
	for (const [id, distance] of hops) for (const other of linked.get(id) ?? []) if (!hops.has(other)) hops.set(other, distance + 1);
	hops.delete(selfId);
	return hops;
}
var init_reach = __esmMin((() => {}));
// client/members/record.ts
function isNewer(version, than) {
	return (version - than | 0) > 0;
}
function nextVersion(version) {
	return version + 1 >>> 0;
}
function writeRecord({ id, version, links, metadata }) {
	return [
		id,
		version,
		links,
		metadata
	];
}
function readRecord(value) {
	if (!Array.isArray(value)) return void 0;
	const [id, version, links, metadata] = value;
	const areLinks = Array.isArray(links) && links.length <= 256 && links.every(isId);
	if (!isHeld(value) || !areLinks || !isObject(metadata) || !isSmall(metadata)) return void 0;
	return {
		id,
		version,
		links,
		metadata
	};
}
function isHeld(value) {
	if (!Array.isArray(value)) return false;
	const [id, version] = value;
	return isId(id) && Number.isInteger(version) && version >= 0 && version <= 4294967295;
}
function isSmall(metadata) {
	return encodeText(JSON.stringify(metadata)).length <= 1024;
}
function copyMetadata(metadata) {
	if (!isObject(metadata)) throw badOptions("metadata must be an object.");
	const text = toJson(metadata);
	const bytes = encodeText(text).length;
	if (bytes > 1024) throw badOptions(`metadata may have 1024 bytes as JSON; got ${bytes}.`);
	return JSON.parse(text);
}
var init_record = __esmMin((() => {
	init_data();
	init_errors();
	init_ids();
	init_json();
	init_limits();
}));
// client/members/records.ts
var Records;
var init_records = __esmMin((() => {
	init_limits();
	init_record();
	Records = class {
		#entries = /* @__PURE__ */ new Map();
		get(id) {
			return this.#entries.get(id)?.record;
		}
		all() {
			return [...this.#entries.values()].map(({ record }) => record);
		}
		take(via, record) {
			const known = this.#entries.get(record.id);
			if (known !== void 0 && !isNewer(record.version, known.record.version)) return false;
			if (known === void 0 && this.#entries.size >= 256 && !this.#makeRoom(via, record)) return false;
			this.#entries.set(record.id, {
				record,
				via
			});
			return true;
		}
		delete(id) {
			this.#entries.delete(id);
		}
		clear() {
			this.#entries.clear();
		}
		#makeRoom(via, { id }) {
			const counts = /* @__PURE__ */ new Map([[via, 0]]);
			for (const entry of this.#entries.values()) counts.set(entry.via, (counts.get(entry.via) ?? 0) + 1);
			const most = Math.max(...counts.values());
			if (via !== id && counts.get(via) === most) return false;
			for (const [held, entry] of this.#entries) if (counts.get(entry.via) === most && entry.via !== held) return this.#entries.delete(held);
			return false;
		}
	};
}));
// client/members/spread.ts
var Spread;
var init_spread = __esmMin((() => {
	init_json();
	init_limiter();
	init_limits();
	init_record();
	Spread = class {
		#options;
		#neighbours = /* @__PURE__ */ new Map();
		#tallies;
		constructor(options) {
			this.#options = options;
			this.#tallies = new Limiter(options.timers, 6, 1e4);
		}
		connected(id) {
			this.disconnected(id);
			const heardSince = this.#options.timers.elapsed();
			this.#neighbours.set(id, {
				greeted: false,
				pending: /* @__PURE__ */ new Set(),
				heardSince,
				heardBytes: 0
			});
			this.#options.send(id, /* @__PURE__ */ new Uint8Array(0)).catch(() => {});
		}
		disconnected(id) {
			const neighbour = this.#neighbours.get(id);
			neighbour?.cancelSending?.();
			neighbour?.cancelTally?.();
			this.#neighbours.delete(id);
		}
		pass(record, via) {
			for (const [id, neighbour] of this.#neighbours) {
				if (id === via || id === record.id) continue;
				if (via === void 0 || !record.links.includes(id)) this.#queue(id, neighbour, [record.id]);
			}
		}
		askAll() {
			for (const [id, neighbour] of this.#neighbours) if (neighbour.greeted) this.#askLater(id, neighbour);
		}
		receive(via, body) {
			const neighbour = this.#neighbours.get(via);
			if (neighbour === void 0) return;
			if (!neighbour.greeted) {
				neighbour.greeted = true;
				this.#ask(via);
			}
			if (body.length === 0) return;
			if (!this.#isWithinBudget(neighbour, body.length)) {
				this.#askLater(via, neighbour);
				return;
			}
			const told = parseJson(decodeText(body));
			if (!isObject(told)) return;
			if (Array.isArray(told.have)) this.#compare(via, neighbour, told.have.slice(0, 257).filter(isHeld));
			if (Array.isArray(told.records)) for (const written of told.records.slice(0, 257)) this.#take(via, readRecord(written));
		}
		#take(via, record) {
			if (record === void 0) return;
			const { get, isOwn, contradicted, take } = this.#options;
			this.#neighbours.get(via)?.pending.delete(record.id);
			if (isOwn(record.id)) {
				const own = get(record.id);
				const isSame = JSON.stringify(own && writeRecord(own)) === JSON.stringify(writeRecord(record));
				if (own !== void 0 && !isSame && !isNewer(own.version, record.version)) contradicted(record.version);
			} else if (take(via, record)) this.pass(record, via);
		}
		#compare(via, neighbour, have) {
			if (!this.#tallies.allows(via)) return;
			const { isOwn, get, contradicted, records } = this.#options;
			const versions = new Map(have);
			for (const [id, version] of versions) {
				const own = isOwn(id) ? get(id) : void 0;
				if (own !== void 0 && isNewer(version, own.version)) contradicted(version);
			}
			const lacks = records().filter(({ id, version }) => {
				const theirs = versions.get(id);
				return theirs === void 0 || isNewer(version, theirs);
			});
			this.#queue(via, neighbour, lacks.flatMap(({ id }) => id === via ? [] : [id]));
		}
		#ask(id) {
			const have = this.#options.records().map(({ id, version }) => [id, version]);
			const lost = () => {
				const neighbour = this.#neighbours.get(id);
				if (neighbour !== void 0) this.#askLater(id, neighbour);
			};
			this.#options.send(id, encodeText(JSON.stringify({ have }))).catch(lost);
		}
		#askLater(id, neighbour) {
			neighbour.cancelTally ??= this.#options.timers.after(1e4, () => {
				neighbour.cancelTally = void 0;
				this.#ask(id);
			});
		}
		#queue(id, neighbour, ids, ms = 100) {
			for (const other of ids) neighbour.pending.add(other);
			if (neighbour.pending.size === 0) return;
			neighbour.cancelSending ??= this.#options.timers.after(ms, () => {
				neighbour.cancelSending = void 0;
				if (neighbour.greeted) this.#send(id, neighbour);
				else neighbour.pending.clear();
			});
		}
		#send(id, neighbour) {
			const ids = [];
			const records = [];
			let bytes = 0;
			for (const pending of neighbour.pending) {
				neighbour.pending.delete(pending);
				const record = this.#options.get(pending);
				if (record === void 0) continue;
				const written = JSON.stringify(writeRecord(record));
				ids.push(pending);
				records.push(written);
				bytes += written.length;
				if (bytes >= 65536) break;
			}
			if (records.length === 0) return;
			const lost = () => {
				if (this.#neighbours.get(id) === neighbour) this.#queue(id, neighbour, ids, 1e3);
			};
			this.#options.send(id, encodeText(`{"records":[${records.join()}]}`)).catch(lost);
			this.#queue(id, neighbour, []);
		}
		#isWithinBudget(neighbour, bytes) {
			const now = this.#options.timers.elapsed();
			if (now - neighbour.heardSince >= 1e4) {
				neighbour.heardSince = now;
				neighbour.heardBytes = 0;
			}
			neighbour.heardBytes += bytes;
			return neighbour.heardBytes <= 1048576;
		}
	};
}));
// client/members/index.ts
var members_exports = /* @__PURE__ */ __exportAll({ start: () => start$5 });
function start$5(host) {
	return new RoomMembers(host);
}
var RoomMembers;
var init_members = __esmMin((() => {
	init_limiter();
	init_limits();
	init_attendance();
	init_reach();
	init_record();
	init_records();
	init_spread();
	RoomMembers = class {
		#host;
		#records = new Records();
		#spread;
		#attendance;
		#corrections;
		#own;
		#reached = /* @__PURE__ */ new Map();
		#due = Number.POSITIVE_INFINITY;
		#cancelLook;
		#isLeft = false;
		constructor(host) {
			const { environment, selfId, emitter } = host;
			const { timers } = environment;
			this.#host = host;
			this.#own = {
				id: selfId,
				version: Number.parseInt(environment.randomHex(8), 16),
				links: host.peers(),
				metadata: {}
			};
			this.#corrections = new Limiter(timers, 8, 1e4);
			this.#attendance = new Attendance(timers, {
				join: (peerId, metadata) => emitter.emit("peer:join", peerId, metadata),
				update: (peerId, metadata) => emitter.emit("peer:update", peerId, metadata),
				leave: (peerId) => emitter.emit("peer:leave", peerId),
				bare: () => this.#spread.askAll(),
				forget: (peerId) => this.#records.delete(peerId)
			});
			this.#spread = new Spread({
				timers,
				send: (neighbour, body) => host.transmit(neighbour, {
					kind: "members",
					bytes: true,
					body
				}),
				records: () => [this.#own, ...this.#records.all()],
				get: (id) => id === selfId ? this.#own : this.#records.get(id),
				take: (via, record) => this.#take(via, record),
				contradicted: (version) => this.#correct(version),
				isOwn: (id) => id === selfId
			});
			emitter.on("peer:connect", (peerId) => this.#connected(peerId));
			emitter.on("peer:disconnect", (peerId) => this.#disconnected(peerId));
			emitter.on("state", (state) => {
				this.#isLeft = state === "left";
				if (this.#isLeft) this.#clear();
			});
			for (const peerId of host.peers()) this.#connected(peerId);
		}
		list() {
			return [...this.#attendance.present].map(([peerId, metadata]) => ({
				peerId,
				metadata,
				hops: this.#reached.get(peerId),
				links: this.#records.get(peerId)?.links ?? []
			}));
		}
		setMetadata(metadata) {
			this.#change({ metadata: copyMetadata(metadata) });
		}
		receive(via, frame) {
			if (!this.#isLeft) this.#spread.receive(via, frame.body);
		}
		#connected(peerId) {
			if (this.#host.ours().includes(peerId)) this.#spread.connected(peerId);
			this.#change({ links: this.#host.peers() });
		}
		#disconnected(peerId) {
			this.#spread.disconnected(peerId);
			this.#change({ links: this.#host.peers() });
		}
		#change(change, version = this.#own.version) {
			this.#own = {
				...this.#own,
				...change,
				version: nextVersion(version)
			};
			this.#spread.pass(this.#own);
			this.#lookSoon();
		}
		#correct(version) {
			if (this.#corrections.allows("")) this.#change({}, version);
		}
		#take(via, record) {
			const isNews = this.#records.take(via, record);
			if (isNews) this.#lookSoon();
			return isNews;
		}
		#lookSoon(ms = 100) {
			const { timers } = this.#host.environment;
			const due = timers.elapsed() + ms;
			if (due >= this.#due || this.#isLeft) return;
			this.#cancelLook?.();
			this.#due = due;
			this.#cancelLook = timers.after(ms, () => this.#look());
		}
		#look() {
			this.#due = Number.POSITIVE_INFINITY;
			const records = this.#records.all();
			this.#reached = reach(this.#own.id, this.#own.links, records);
			const metadata = new Map(records.map((record) => [record.id, record.metadata]));
			const again = this.#attendance.look(new Set(this.#reached.keys()), metadata);
			if (again !== void 0) this.#lookSoon(again);
		}
		#clear() {
			this.#cancelLook?.();
			this.#due = Number.POSITIVE_INFINITY;
			this.#records.clear();
			this.#attendance.clear();
			this.#reached = /* @__PURE__ */ new Map();
		}
	};
}));
// client/overlay/budget.ts
var Budget;
var init_budget = __esmMin((() => {
	init_bounded_map();
	init_limits();
	Budget = class {
		#timers;
		#pieces;
		#bytes;
		#windows = new BoundedMap(256);
		constructor(timers, pieces, bytes = 0) {
			this.#timers = timers;
			this.#pieces = pieces;
			this.#bytes = bytes;
		}
		allows(peerId, bytes = 0) {
			const now = this.#timers.elapsed();
			let window = this.#windows.get(peerId);
			if (window === void 0 || now - window.since >= 1e4) {
				window = {
					since: now,
					pieces: 0,
					bytes: 0
				};
				this.#windows.set(peerId, window);
			}
			window.pieces++;
			window.bytes += bytes;
			return window.pieces <= this.#pieces && window.bytes <= this.#bytes;
		}
	};
}));
// client/overlay/parcels.ts
function isOffer({ signal }) {
	return isObject(signal) && signal.type === "offer";
}
var Parcels;
var init_parcels = __esmMin((() => {
	init_json();
	init_limits();
	Parcels = class {
		#options;
		#parcels = /* @__PURE__ */ new Set();
		constructor(options) {
			this.#options = options;
		}
		take(to, frame, body) {
			if (this.#parcels.size >= 128) return false;
			const parcel = {
				to,
				frame,
				body,
				detours: 0,
				cancel() {}
			};
			this.#parcels.add(parcel);
			this.#start(parcel);
			return true;
		}
		told(via, id, arrived) {
			for (const parcel of this.#parcels) {
				if (parcel.id !== id || parcel.via !== via) continue;
				if (!arrived) this.#failed(parcel);
				else if (isOffer(parcel.frame)) this.#await(parcel, 3e3);
				else this.#drop(parcel);
				return;
			}
		}
		heardFrom(peerId) {
			for (const parcel of [...this.#parcels]) if (parcel.to === peerId && isOffer(parcel.frame)) this.#drop(parcel);
		}
		end(peerId) {
			for (const parcel of [...this.#parcels]) if (peerId === void 0 || parcel.to === peerId) this.#drop(parcel);
		}
		async #start(parcel) {
			const { surroundings, search } = this.#options;
			const { to } = parcel;
			const next = () => surroundings.next(to, parcel.via === void 0 ? [to] : [to, parcel.via]);
			let via = next();
			if (via === void 0) {
				await search(to, parcel.via);
				if (!this.#parcels.has(parcel)) return;
				via = next();
			}
			parcel.via = via;
			if (via === void 0) this.#failed(parcel);
			else this.#dispatch(parcel, via);
		}
		#dispatch(parcel, via) {
			const { environment, selfId, send } = this.#options;
			const id = environment.randomHex(16);
			parcel.id = id;
			this.#await(parcel, 1500);
			send(via, {
				is: "signal",
				id,
				from: selfId,
				to: parcel.to,
				hops: 16
			}, parcel.body).catch(() => parcel.id === id && this.#failed(parcel));
		}
		#await(parcel, ms) {
			parcel.cancel();
			parcel.cancel = this.#options.environment.timers.after(ms, () => this.#failed(parcel));
		}
		#failed(parcel) {
			const { surroundings, isServerUp, isWanted, giveUp, toServer, environment } = this.#options;
			if (!this.#parcels.has(parcel)) return;
			const { to, frame, via } = parcel;
			if (via !== void 0) surroundings.unlearn(to, via);
			const isLate = frame.type !== "connection_rejected" && !isWanted(to);
			const mayGiveUp = isServerUp() ? via !== void 0 : parcel.detours > 0;
			if (!isLate && isOffer(frame) && mayGiveUp && giveUp(to)) return this.#drop(parcel);
			if (isLate || isServerUp() || parcel.detours++ >= 3) {
				this.#drop(parcel);
				if (!isLate) toServer(to, frame);
				return;
			}
			parcel.id = void 0;
			parcel.cancel();
			parcel.cancel = environment.timers.after(1e3, () => void this.#start(parcel));
		}
		#drop(parcel) {
			parcel.cancel();
			this.#parcels.delete(parcel);
		}
	};
}));
// client/overlay/nearness.ts
function distanceFrom(key) {
	const [high, low] = placeOf$1(key);
	return (peerId) => {
		const [otherHigh, otherLow] = placeOf$1(peerId);
		return (high ^ otherHigh) * 2 ** 24 + (low ^ otherLow);
	};
}
function placeOf$1(id) {
	if (!/^[0-9a-f]{40}$/i.test(id)) return [hash$1(id, 2166136261), hash$1(id, 16777619)];
	return [Number.parseInt(id.slice(0, 6), 16), Number.parseInt(id.slice(6, 12), 16)];
}
function hash$1(text, seed) {
	let value = seed;
	for (let at = 0; at < text.length; at++) value = Math.imul(value ^ text.charCodeAt(at), 16777619);
	value = Math.imul(value ^ value >>> 15, 2246822507);
	return (value ^ value >>> 13) & 16777215;
}
var init_nearness = __esmMin((() => {}));
// client/overlay/searches.ts
var Searches;
var init_searches = __esmMin((() => {
	init_bounded_map();
	init_limits();
	init_nearness();
	Searches = class {
		#options;
		#own = /* @__PURE__ */ new Map();
		#passed = new BoundedMap(2048);
		constructor(options) {
			this.#options = options;
		}
		async find(key, avoid) {
			const { surroundings, selfId } = this.#options;
			const places = surroundings.nearest(key, []);
			const asked = [...new Set(places.map(({ via }) => via))].filter((via) => via !== avoid && via !== key);
			const answers = await Promise.all(asked.slice(0, 3).map((neighbour) => this.#ask(neighbour, key)));
			const found = new Set(answers.flat());
			found.delete(selfId);
			const distance = distanceFrom(key);
			return [...found].sort((a, b) => distance(a) - distance(b));
		}
		take(via, question) {
			const { surroundings, selfId, send } = this.#options;
			const { id, from, key, hops } = question;
			const name = `${from} ${id}`;
			if (from === selfId || this.#passed.has(name)) return;
			surroundings.learn(from, via);
			const places = surroundings.nearest(key, [from]);
			const [best] = places;
			const distance = distanceFrom(key);
			if (best !== void 0 && best.peerId !== key && distance(best.peerId) < distance(selfId) && best.via !== via && hops > 1 && key !== selfId) {
				this.#passed.set(name, {
					back: via,
					to: best.via
				});
				return send(best.via, {
					...question,
					hops: hops - 1
				});
			}
			this.#passed.set(name, {
				back: via,
				to: void 0
			});
			send(via, {
				is: "found",
				id,
				from,
				peers: [selfId, ...places.map(({ peerId }) => peerId)].sort((a, b) => distance(a) - distance(b)).slice(0, 8)
			});
		}
		takeAnswer(via, answer) {
			const { surroundings, selfId, send } = this.#options;
			const { id, from, peers } = answer;
			if (from === selfId) {
				const question = this.#own.get(id);
				if (question?.asked !== via) return;
				this.#learn(peers, via);
				return question.settle(peers);
			}
			const name = `${from} ${id}`;
			const passed = this.#passed.get(name);
			if (passed === void 0 || passed.to !== via) return;
			this.#passed.set(name, {
				...passed,
				to: void 0
			});
			this.#learn(peers, via);
			if (surroundings.neighbours().includes(passed.back)) send(passed.back, answer);
		}
		clear() {
			for (const { settle } of [...this.#own.values()]) settle([]);
			this.#passed.clear();
		}
		#learn(peers, via) {
			for (const peerId of peers) this.#options.surroundings.learn(peerId, via);
		}
		#ask(neighbour, key) {
			const { environment, selfId, send } = this.#options;
			if (this.#own.size >= 64) return Promise.resolve([]);
			return new Promise((resolve) => {
				const id = environment.randomHex(16);
				const settle = (peers) => {
					cancel();
					this.#own.delete(id);
					resolve(peers);
				};
				const cancel = environment.timers.after(1500, () => settle([]));
				this.#own.set(id, {
					asked: neighbour,
					settle
				});
				send(neighbour, {
					is: "find",
					id,
					from: selfId,
					key,
					hops: 16
				});
			});
		}
	};
}));
// client/overlay/surroundings.ts
var Surroundings;
var init_surroundings = __esmMin((() => {
	init_bounded_map();
	init_limits();
	init_nearness();
	Surroundings = class {
		#timers;
		#selfId;
		#near = /* @__PURE__ */ new Map();
		#routes = new BoundedMap(1024);
		constructor(timers, selfId) {
			this.#timers = timers;
			this.#selfId = selfId;
		}
		neighbours() {
			return [...this.#near.keys()];
		}
		told(neighbour, peers) {
			const known = this.#near.get(neighbour);
			this.#near.set(neighbour, peers ?? known ?? []);
			return known === void 0;
		}
		lost(neighbour) {
			return this.#near.delete(neighbour);
		}
		clear() {
			this.#near.clear();
			this.#routes.clear();
		}
		learn(peerId, via) {
			if (peerId !== this.#selfId) this.#routes.set(peerId, {
				via,
				at: this.#timers.elapsed()
			});
		}
		unlearn(peerId, via) {
			if (this.#routes.get(peerId)?.via === via) this.#routes.delete(peerId);
			const known = this.#near.get(via);
			if (known?.includes(peerId)) this.#near.set(via, known.filter((other) => other !== peerId));
		}
		next(peerId, avoid) {
			if (this.#near.has(peerId) && !avoid.includes(peerId)) return peerId;
			const mayUse = (via) => via !== peerId && this.#near.has(via) && !avoid.includes(via);
			for (const [via, peers] of this.#near) if (peers.includes(peerId) && mayUse(via)) return via;
			const route = this.#routes.get(peerId);
			return route !== void 0 && this.#timers.elapsed() - route.at < 6e4 && mayUse(route.via) ? route.via : void 0;
		}
		nearest(key, except) {
			const places = /* @__PURE__ */ new Map();
			for (const [via, peers] of this.#near) for (const peerId of peers) places.set(peerId, via);
			for (const via of this.#near.keys()) places.set(via, via);
			for (const peerId of [this.#selfId, ...except]) places.delete(peerId);
			const distance = distanceFrom(key);
			return [...places].map(([peerId, via]) => ({
				peerId,
				via,
				distance: distance(peerId)
			})).sort((a, b) => a.distance - b.distance);
		}
	};
}));
// client/overlay/words.ts
function frameOf(word, body = /* @__PURE__ */ new Uint8Array(0)) {
	return {
		kind: "overlay",
		fields: fieldsOf(word),
		bytes: true,
		body
	};
}
function fieldsOf(word) {
	switch (word.is) {
		case "near": return { near: fitting(word.peers, 16) };
		case "find": return {
			q: word.id,
			f: word.from,
			key: word.key,
			h: word.hops
		};
		case "found": return {
			a: word.id,
			f: word.from,
			peers: fitting(word.peers, 8)
		};
		case "signal": return {
			s: word.id,
			f: word.from,
			t: word.to,
			h: word.hops
		};
		case "told": return {
			r: word.id,
			f: word.from,
			ok: word.arrived ? 1 : 0
		};
	}
}
function readWord$1({ near, q, a, s, r, f, t, h, key, peers, ok }) {
	if (near !== void 0) return {
		is: "near",
		peers: ids(near, 16)
	};
	const id = q ?? a ?? s ?? r;
	if (!isId(id) || !isId(f)) return void 0;
	const head = {
		id,
		from: f
	};
	if (a !== void 0) return {
		is: "found",
		...head,
		peers: ids(peers, 8)
	};
	if (r !== void 0) return {
		is: "told",
		...head,
		arrived: ok === 1
	};
	if (!isWhole(h, 1, 16)) return void 0;
	const hops = h;
	if (q !== void 0) return isId(key) ? {
		is: "find",
		...head,
		key,
		hops
	} : void 0;
	return isId(t) ? {
		is: "signal",
		...head,
		to: t,
		hops
	} : void 0;
}
function ids(value, most) {
	return Array.isArray(value) ? value.slice(0, most).filter(isId) : [];
}
function fitting(peerIds, most) {
	let bytes = 0;
	return peerIds.slice(0, most).filter((peerId) => {
		bytes += encodeText(JSON.stringify(peerId)).length + 1;
		return bytes <= 3072;
	});
}
var init_words$1 = __esmMin((() => {
	init_ids();
	init_json();
	init_limits();
	init_frames$1();
}));
// client/overlay/index.ts
var overlay_exports = /* @__PURE__ */ __exportAll({
	Overlay: () => Overlay,
	start: () => start$4
});
function start$4(host) {
	const overlay = new Overlay(host);
	host.post.carrier = overlay;
	return overlay;
}
var CARRIED_TYPES, Overlay;
var init_overlay = __esmMin((() => {
	init_limits$1();
	init_bounded_map();
	init_json();
	init_limits();
	init_budget();
	init_parcels();
	init_searches();
	init_surroundings();
	init_words$1();
	CARRIED_TYPES = /^(signal|batched_signals|connection_rejected)$/;
	Overlay = class {
		#host;
		#surroundings;
		#searches;
		#parcels;
		#words;
		#carried;
		#origins;
		#passed = new BoundedMap(2048);
		#byServer = new BoundedMap(256);
		#heardAt = new BoundedMap(256);
		#cancelNews;
		#isLeft = false;
		constructor(host) {
			const { environment, selfId, emitter, post } = host;
			const { timers } = environment;
			this.#host = host;
			this.#surroundings = new Surroundings(timers, selfId);
			const surroundings = this.#surroundings;
			this.#words = new Budget(timers, 512);
			this.#carried = new Budget(timers, 256, 1048576);
			this.#origins = new Budget(timers, 128, 262144);
			const send = (neighbour, word) => this.#say(neighbour, word);
			this.#searches = new Searches({
				environment,
				selfId,
				surroundings,
				send
			});
			this.#parcels = new Parcels({
				environment,
				selfId,
				surroundings,
				search: (peerId, avoid) => this.#searches.find(peerId, avoid),
				send: (neighbour, word, body) => host.transmit(neighbour, frameOf(word, body)),
				isServerUp: () => host.isPresent(),
				toServer: (to, frame) => {
					this.#useServer(to);
					post.toServer(to, frame);
				},
				giveUp: (peerId) => {
					const isFutile = host.links.get(peerId)?.calling !== void 0 && (host.hasEnough() || !host.isPresent());
					if (isFutile) host.giveUp(peerId);
					return isFutile;
				},
				isWanted: (peerId) => host.links.get(peerId) !== void 0
			});
			emitter.on("peer:connect", (peerId) => this.#connected(peerId));
			emitter.on("peer:disconnect", (peerId) => this.#disconnected(peerId));
			emitter.on("state", (state) => {
				this.#isLeft = state === "left";
				if (this.#isLeft) this.#clear();
			});
			for (const peerId of host.ours()) this.#connected(peerId);
		}
		leadsTo(peerId) {
			return this.#surroundings.next(peerId, [peerId]) !== void 0;
		}
		hears(peerId) {
			const since = this.#host.environment.timers.elapsed() - 1e4;
			return this.#surroundings.neighbours().some((other) => other !== peerId && (this.#heardAt.get(other) ?? since) > since);
		}
		find(key) {
			return this.#searches.find(key);
		}
		carry(to, frame) {
			const { environment, knowsOverlay, isPresent } = this.#host;
			if (this.#isLeft || !CARRIED_TYPES.test(frame.type) || knowsOverlay(to) === false) return false;
			if (environment.timers.elapsed() < (this.#byServer.get(to) ?? 0) && isPresent()) return false;
			if (!this.#surroundings.neighbours().some((peerId) => peerId !== to)) return false;
			const body = encodeText(JSON.stringify(frame));
			return body.length <= 32e3 && this.#parcels.take(to, frame, body);
		}
		cameByServer(from) {
			this.#parcels.heardFrom(from);
			this.#useServer(from);
		}
		receive(via, { fields = {}, body }) {
			const { post, ours } = this.#host;
			if (this.#isLeft || post.sealing === void 0 || !ours().includes(via) || !this.#words.allows(via)) return;
			const word = readWord$1(fields);
			if (word === void 0) return;
			this.#heardAt.set(via, this.#host.environment.timers.elapsed());
			const isNew = this.#surroundings.told(via, word.is === "near" ? word.peers : void 0);
			if (isNew) this.#changed();
			switch (word.is) {
				case "near": return isNew ? this.#host.search((search) => search.entered()) : void 0;
				case "find": return this.#searches.take(via, word);
				case "found": return this.#searches.takeAnswer(via, word);
				case "signal": return this.#take(via, word, body);
				case "told": return this.#takeNews(via, word);
			}
		}
		#connected(peerId) {
			this.#parcels.end(peerId);
			if (this.#host.ours().includes(peerId)) this.#greet(peerId);
		}
		#disconnected(peerId) {
			if (!this.#surroundings.lost(peerId)) return;
			this.#changed();
		}
		#greet(peerId) {
			this.#say(peerId, {
				is: "near",
				peers: this.#surroundings.neighbours().filter((other) => other !== peerId)
			});
		}
		#changed() {
			this.#cancelNews ??= this.#host.environment.timers.after(500, () => {
				this.#cancelNews = void 0;
				for (const peerId of this.#surroundings.neighbours()) this.#greet(peerId);
			});
		}
		#say(neighbour, word) {
			this.#host.transmit(neighbour, frameOf(word)).catch(() => {});
		}
		#useServer(peerId) {
			this.#byServer.set(peerId, this.#host.environment.timers.elapsed() + 15e3);
		}
		#take(via, word, body) {
			const { selfId } = this.#host;
			const { id, from, to, hops } = word;
			const name = `${from} ${id}`;
			if (from === selfId || this.#passed.has(name) || body.length > 32e3) return;
			if (!this.#carried.allows(via, body.length) || !this.#origins.allows(from, body.length)) return;
			this.#surroundings.learn(from, via);
			const next = to === selfId || hops <= 1 ? void 0 : this.#surroundings.next(to, [via, from]);
			this.#passed.set(name, {
				back: via,
				to: next
			});
			if (to === selfId) this.#arrived(from, body);
			if (next === void 0) return this.#say(via, {
				is: "told",
				id,
				from,
				arrived: to === selfId
			});
			const lost = () => this.#say(via, {
				is: "told",
				id,
				from,
				arrived: false
			});
			this.#host.transmit(next, frameOf({
				...word,
				hops: hops - 1
			}, body)).catch(lost);
		}
		#arrived(from, body) {
			const frame = parseJson(decodeText(body));
			if (!isObject(frame) || typeof frame.type !== "string" || !CARRIED_TYPES.test(frame.type)) return;
			this.#parcels.heardFrom(from);
			this.#byServer.delete(from);
			this.#host.post.receive(from, frame, "mesh");
		}
		#takeNews(via, news) {
			const { id, from, arrived } = news;
			if (from === this.#host.selfId) return this.#parcels.told(via, id, arrived);
			const name = `${from} ${id}`;
			const passed = this.#passed.get(name);
			if (passed === void 0 || passed.to !== via) return;
			this.#passed.set(name, {
				...passed,
				to: void 0
			});
			this.#say(passed.back, news);
		}
		#clear() {
			this.#cancelNews?.();
			this.#cancelNews = void 0;
			this.#parcels.end();
			this.#searches.clear();
			this.#surroundings.clear();
			this.#passed.clear();
		}
	};
}));
// client/mesh/search.ts
var search_exports = /* @__PURE__ */ __exportAll({
	Search: () => Search,
	start: () => start$3
});
function start$3({ neighbourhood }) {
	return new Search(neighbourhood);
}
var Search;
var init_search = __esmMin((() => {
	init_limits();
	Search = class {
		#all;
		#pause = 1e4;
		#nextSeek = 0;
		#introducedAt = 0;
		#nextBridge = 0;
		#nextLook = 0;
		#asked = 0;
		constructor(neighbourhood) {
			this.#all = neighbourhood;
		}
		more() {
			const overlay = this.#all.options.signalWays();
			overlay ? this.#look(overlay) : this.seek();
		}
		entered() {
			const { listed } = this.#all;
			if (!this.#all.hasPlace()) listed.clear();
			for (const peerId of listed) this.#callThrough(peerId);
			this.#all.fill();
		}
		asked(peerId, steps) {
			if (this.#now() < this.#nextBridge) return;
			this.#nextBridge = this.#now() + 2e3;
			this.bridge(peerId, steps);
		}
		async #callThrough(peerId) {
			const { signalWays } = this.#all.options;
			this.#all.listed.delete(peerId);
			if (this.#all.hasLink(peerId)) return;
			const found = signalWays()?.leadsTo(peerId) ? [peerId] : await signalWays()?.find(peerId) ?? [];
			const others = found.filter((other) => !this.#all.listed.has(other) && !this.#all.hasLink(other));
			const isFound = found.includes(peerId);
			const [called] = isFound ? [peerId] : others;
			if (!isFound) this.#all.listed.add(peerId);
			if (called !== void 0 && !this.#all.closed && this.#all.hasPlace()) this.#all.call(called);
		}
		async #look(overlay) {
			const { environment, selfId } = this.#all.options;
			if (this.#now() < this.#nextLook) return;
			this.#nextLook = this.#now() + 3e3;
			const found = await Promise.all([selfId, environment.randomHex(40)].map((key) => overlay.find(key)));
			for (const peerId of found.flat()) this.#all.candidates.learn(peerId);
			if (this.#all.closed) return;
			this.#all.callSome((peerId) => overlay.leadsTo(peerId));
			this.#all.callSome(() => true);
			if (this.#all.missing() > 0) this.seek();
		}
		async seek() {
			const { environment, links, leads, selfId, findPeers, reaches } = this.#all.options;
			const now = this.#now();
			const { introducedAt } = this.#all;
			if (introducedAt !== this.#introducedAt) {
				this.#introducedAt = introducedAt;
				this.#nextSeek = introducedAt + 3e3;
			}
			const few = links.open().length < this.#all.fewest;
			if (now < this.#nextSeek || !(few || leads())) return;
			this.#nextSeek = now + this.#all.candidates.jittered(this.#pause);
			this.#pause = Math.min(this.#pause * 2, 6e5);
			const found = await findPeers(few && this.#asked++ === 0 ? selfId : environment.randomHex(40)).catch(() => []);
			if (few && found.some((peerId) => !this.#all.hasLink(peerId) && !this.#all.candidates.has(peerId))) this.soon();
			for (const peerId of found) this.#all.candidates.learn(peerId);
			if (few) return this.#all.fill();
			for (const peerId of this.#all.candidates.rotated(found).slice(0, 3)) {
				if (peerId === selfId || await reaches(peerId)) continue;
				this.soon();
				return this.bridge(peerId, 16);
			}
		}
		soon() {
			this.#pause = 1e4;
			this.#nextSeek = Math.min(this.#nextSeek, this.#now() + this.#pause);
		}
		bridge(peerId, steps) {
			const { options } = this.#all;
			if (this.#all.closed || this.#all.hasLink(peerId)) return;
			if (this.#all.hasPlace(options.redundant().length)) {
				this.#all.candidates.learn(peerId).steps = steps;
				this.#all.call(peerId);
				return;
			}
			const [next] = this.#all.candidates.rotated(options.ours());
			if (steps > 0 && next !== void 0) options.control([next], {
				kind: "bridge",
				to: peerId,
				steps: steps - 1
			});
		}
		#now() {
			return this.#all.options.environment.timers.elapsed();
		}
	};
}));
// client/mesh/broadcast-memory.ts
function hasNumber(origin, number) {
	const { index, byte, mask } = placeOf(number);
	return number < origin.floor || ((origin.blocks.get(index)?.[byte] ?? 0) & mask) !== 0;
}
function placeOf(number) {
	const bit = number % 512;
	return {
		index: Math.floor(number / 512),
		byte: bit >> 3,
		mask: 1 << (bit & 7)
	};
}
function takeNumber(origin, number) {
	if (hasNumber(origin, number)) return false;
	const { index, byte, mask } = placeOf(number);
	const block = origin.blocks.get(index) ?? /* @__PURE__ */ new Uint8Array(64);
	block[byte] = (block[byte] ?? 0) | mask;
	origin.blocks.set(index, block);
	if (origin.blocks.size > 8) {
		const lowest = Math.min(...origin.blocks.keys());
		origin.blocks.delete(lowest);
		origin.floor = (lowest + 1) * 512;
	}
	return true;
}
var NUMBERED, BroadcastMemory;
var init_broadcast_memory = __esmMin((() => {
	init_limits();
	NUMBERED = /^([0-9a-f]{16})\.([0-9]{1,15})$/;
	BroadcastMemory = class {
		#timers;
		origins = /* @__PURE__ */ new Map();
		constructor(timers) {
			this.#timers = timers;
		}
		take(id, via) {
			const [, run, digits] = NUMBERED.exec(id) ?? [];
			if (run === void 0) return void 0;
			const number = Number(digits);
			const known = this.origins.get(run);
			const now = this.#timers.elapsed();
			const origin = known !== void 0 && now - known.at < 6e5 ? known : {
				via,
				floor: number - 64,
				blocks: /* @__PURE__ */ new Map(),
				at: now
			};
			const isNew = takeNumber(origin, number);
			if (isNew) {
				origin.at = now;
				this.origins.delete(run);
				this.origins.set(run, origin);
				if (this.origins.size > 2048) this.#evict();
			}
			return {
				isNew,
				origin,
				run,
				number
			};
		}
		#evict() {
			const counts = /* @__PURE__ */ new Map();
			for (const { via } of this.origins.values()) counts.set(via, (counts.get(via) ?? 0) + 1);
			const most = Math.max(...counts.values());
			for (const [key, { via }] of this.origins) if (counts.get(via) === most) return this.origins.delete(key);
		}
	};
}));
// client/mesh/pace.ts
var Pace;
var init_pace = __esmMin((() => {
	init_errors();
	init_limits();
	Pace = class {
		#timers;
		#emit;
		#told = /* @__PURE__ */ new WeakSet();
		#late = /* @__PURE__ */ new Map();
		constructor(timers, emit) {
			this.#timers = timers;
			this.#emit = emit;
		}
		async wait(sent) {
			const awaited = /* @__PURE__ */ new Map();
			let taken = sent.size;
			let done = () => {};
			for (const [peerId, one] of sent) {
				if (!this.#late.has(peerId)) awaited.set(peerId, one);
				const settled = () => {
					awaited.delete(peerId);
					if (this.#late.get(peerId) === one) this.#late.delete(peerId);
					if (awaited.size === 0) done();
				};
				one.catch((error) => {
					taken--;
					this.#tell(peerId, error);
				}).then(settled);
			}
			await new Promise((resolve) => {
				const cancel = this.#timers.after(100, resolve);
				done = () => {
					cancel();
					resolve();
				};
				if (awaited.size === 0) done();
			});
			for (const [peerId, one] of awaited) this.#late.set(peerId, one);
			return taken;
		}
		#tell(peerId, cause) {
			if (cause.code !== "BUFFER_FULL" || this.#told.has(cause)) return;
			this.#told.add(cause);
			const message = `Too much waits for ${peerId}. It misses broadcasts until it has taken half of that.`;
			this.#emit("error", passing("BUFFER_FULL", message, {
				peerId,
				cause
			}));
		}
	};
}));
// client/mesh/tree.ts
var tree_exports = /* @__PURE__ */ __exportAll({
	BroadcastTree: () => BroadcastTree,
	start: () => start$2
});
function idOf$1(run, number) {
	return `${run}.${number}`;
}
function costOf({ body }) {
	return body.length + 256;
}
function readNumbers(value) {
	let left = 4096;
	return (Array.isArray(value) ? value.slice(0, 64).filter(isNumbers) : []).map(([run, first, last]) => {
		const end = Math.min(last, first + left - 1);
		left -= end - first + 1;
		return [
			run,
			first,
			end
		];
	});
}
function isNumbers(value) {
	if (!Array.isArray(value)) return false;
	const [run, first, last] = value;
	return typeof run === "string" && isWhole(first, 0, 999999999999999) && isWhole(last, first, 999999999999999);
}
function* numbersOf(runs) {
	let left = 4096;
	for (const [run, first, last] of runs) for (let number = first; number <= last && left-- > 0; number++) yield [run, number];
}
function append(ranges, run, number) {
	const last = ranges.at(-1);
	if (last?.[0] === run && last[2] === number - 1) last[2] = number;
	else if (ranges.length === 64) return false;
	else ranges.push([
		run,
		number,
		number
	]);
	return true;
}
function start$2(host) {
	return new BroadcastTree(host);
}
var BroadcastTree;
var init_tree = __esmMin((() => {
	init_bounded_map();
	init_limiter();
	init_limits();
	init_broadcast_memory();
	init_frames$1();
	init_pace();
	init_payload();
	BroadcastTree = class {
		#host;
		#memory;
		#pace;
		#limiter;
		#places = /* @__PURE__ */ new WeakMap();
		#latest = new BoundedMap(4096);
		#recent = /* @__PURE__ */ new Map();
		#recentBytes = 0;
		#news = /* @__PURE__ */ new Map();
		#cancelNews;
		#lacking = /* @__PURE__ */ new Map();
		#cancelAsk;
		#asked = /* @__PURE__ */ new Map();
		#isLeft = false;
		constructor(host) {
			const { timers } = host.environment;
			this.#host = host;
			this.#memory = new BroadcastMemory(timers);
			this.#pace = new Pace(timers, host.emitter.emit);
			this.#limiter = new Limiter(timers, 256, 1e4);
			host.emitter.on("peer:disconnect", (peerId) => this.#disconnected(peerId));
			host.emitter.on("state", (state) => {
				this.#isLeft = state === "left";
				if (this.#isLeft) this.#clear();
			});
		}
		take({ id, from, latest }, via) {
			const known = this.#memory.take(id, via);
			if (known === void 0) return void 0;
			this.#learn(known, via, from);
			if (latest === void 0 || !known.isNew) return known;
			if (known.number < (this.#latest.get(latest) ?? 0)) return {
				...known,
				isNew: false
			};
			this.#latest.set(latest, known.number);
			return known;
		}
		#learn({ isNew, origin, run, number }, via, from) {
			const place = this.#placeOf(origin, from);
			place.newest = Math.max(place.newest, number);
			const isExpected = !this.#isPruned(place, via);
			if (isNew) {
				if (isExpected || place.parent === void 0) place.parent = via;
			} else if (via !== place.parent) {
				const isBetter = via === from && number === place.newest && isExpected;
				const worse = isBetter ? place.parent : via;
				if (isBetter) place.parent = via;
				if (worse !== void 0 && !this.#isPruned(place, worse)) {
					place.pruned.set(worse, this.#now());
					this.#tell(worse, { prune: [run] });
				}
			}
		}
		spread({ origin, run, number }, frame, neighbours) {
			const { lazy } = this.#placeOf(origin, frame.from);
			if (this.#isLeft || !neighbours.some((peerId) => lazy.has(peerId))) return neighbours;
			this.#remember(frame);
			for (const peerId of neighbours) if (lazy.has(peerId)) this.#announce(peerId, run, number);
			return neighbours.filter((peerId) => !lazy.has(peerId));
		}
		pace(sent) {
			return this.#pace.wait(sent);
		}
		receive(via, { fields }) {
			if (this.#isLeft || !this.#limiter.allows(via)) return;
			const { have, want, prune } = fields ?? {};
			this.#hear(via, readNumbers(have));
			this.#give(via, readNumbers(want));
			for (const run of Array.isArray(prune) ? prune.slice(0, 64) : []) this.#known(run)?.lazy.add(via);
		}
		#disconnected(peerId) {
			for (const origin of this.#memory.origins.values()) {
				const place = this.#places.get(origin);
				place?.lazy.delete(peerId);
				place?.pruned.delete(peerId);
				if (place?.parent === peerId) place.parent = void 0;
			}
			this.#news.delete(peerId);
			this.#lacking.delete(peerId);
		}
		#clear() {
			this.#cancelNews?.();
			this.#cancelAsk?.();
			this.#cancelNews = this.#cancelAsk = void 0;
			this.#places = /* @__PURE__ */ new WeakMap();
			for (const map of [
				this.#recent,
				this.#news,
				this.#lacking,
				this.#asked
			]) map.clear();
			this.#recentBytes = 0;
		}
		#now() {
			return this.#host.environment.timers.elapsed();
		}
		#tell(peerId, fields) {
			this.#send(peerId, {
				kind: "tree",
				fields: { ...fields },
				...NO_PAYLOAD
			});
		}
		#send(peerId, frame) {
			this.#host.transmit(peerId, frame).catch(() => {});
		}
		#placeOf(origin, from) {
			const known = this.#places.get(origin);
			if (known !== void 0) return known;
			const { selfId, redundant } = this.#host;
			const beside = from === selfId ? [] : redundant().filter(({ tree }) => tree);
			const place = {
				parent: void 0,
				newest: 0,
				lazy: new Set(beside.map(({ peerId }) => peerId)),
				pruned: /* @__PURE__ */ new Map()
			};
			this.#places.set(origin, place);
			return place;
		}
		#known(run) {
			const origin = this.#memory.origins.get(run);
			return origin && this.#places.get(origin);
		}
		#isPruned({ pruned }, peerId) {
			const at = pruned.get(peerId);
			return at !== void 0 && this.#now() - at < 1500;
		}
		#remember(frame) {
			const now = this.#now();
			this.#recent.set(frame.id, {
				frame,
				at: now,
				given: /* @__PURE__ */ new Set()
			});
			this.#recentBytes += costOf(frame);
			for (const [id, oldest] of this.#recent) {
				if (this.#recentBytes <= 4194304 && now - oldest.at < 3e4) break;
				this.#recent.delete(id);
				this.#recentBytes -= costOf(oldest.frame);
			}
		}
		#announce(peerId, run, number) {
			const { timers, random } = this.#host.environment;
			const news = this.#news.get(peerId) ?? /* @__PURE__ */ new Map();
			this.#news.set(peerId, news);
			const [, first, last] = news.get(run) ?? [
				run,
				number,
				number
			];
			const range = [
				run,
				Math.min(first, number),
				Math.max(last, number)
			];
			news.set(run, range);
			this.#cancelNews ??= timers.after(500 * (.5 + random()), () => {
				this.#cancelNews = void 0;
				for (const peer of this.#news.keys()) this.#publish(peer);
			});
			if (news.size >= 64 || range[2] - range[1] >= 2048) this.#publish(peerId);
		}
		#publish(peerId) {
			const have = [...this.#news.get(peerId)?.values() ?? []];
			this.#news.delete(peerId);
			if (have.length > 0) this.#tell(peerId, { have });
		}
		#hear(via, have) {
			const news = this.#news.get(via);
			for (const [run, first, last] of have) {
				const mine = news?.get(run);
				if (mine !== void 0 && mine[1] >= first && mine[2] <= last) news?.delete(run);
			}
			const due = this.#now() + 300;
			const lacked = have.filter((numbers) => this.#lacks([numbers]).length > 0).map((numbers) => ({
				numbers,
				due
			}));
			if (lacked.length === 0) return;
			this.#lacking.set(via, [...this.#lacking.get(via) ?? [], ...lacked].slice(-64));
			this.#askSoon();
		}
		#lacks(runs) {
			return [...numbersOf(runs)].filter(([run, number]) => {
				const origin = this.#memory.origins.get(run);
				return origin === void 0 || !hasNumber(origin, number);
			});
		}
		#askSoon() {
			this.#cancelAsk ??= this.#host.environment.timers.after(300, () => this.#ask());
		}
		#ask() {
			this.#cancelAsk = void 0;
			const now = this.#now();
			for (const [id, until] of this.#asked) if (until <= now) this.#asked.delete(id);
			for (const [peerId, lacked] of this.#lacking) {
				const want = [];
				const asked = [];
				for (const [run, number] of this.#lacks(lacked.flatMap(({ numbers, due }) => due <= now ? [numbers] : []))) {
					const id = idOf$1(run, number);
					if (this.#asked.has(id)) append(asked, run, number);
					else if (append(want, run, number)) this.#asked.set(id, now + 1500);
				}
				for (const [run] of want) this.#known(run)?.pruned.delete(peerId);
				if (want.length > 0) this.#tell(peerId, { want });
				const rest = lacked.filter(({ due }) => due > now).concat(asked.map((numbers) => ({
					numbers,
					due: now
				})));
				if (rest.length > 0) this.#lacking.set(peerId, rest);
				else this.#lacking.delete(peerId);
			}
			if (this.#lacking.size > 0) this.#askSoon();
		}
		#give(via, want) {
			for (const [run] of want) this.#known(run)?.lazy.delete(via);
			for (const [run, number] of numbersOf(want)) {
				const recent = this.#recent.get(idOf$1(run, number));
				if (recent === void 0 || recent.given.has(via)) continue;
				recent.given.add(via);
				this.#send(via, recent.frame);
			}
		}
	};
}));
// client/mesh/ways.ts
var ways_exports = /* @__PURE__ */ __exportAll({ start: () => start$1 });
function start$1({ environment, selfId, routing }) {
	const newId = () => environment.randomHex(16);
	return { async reach(to, payload, id = newId(), attempts = [1, 2]) {
		for (const attempt of attempts) {
			const head = {
				kind: "routed",
				attempt,
				from: selfId,
				to,
				hops: 16
			};
			const next = routing.next(to);
			if (payload === void 0 || !(next === to || next !== void 0 && attempt === 1)) {
				if (!await routing.ask({
					...head,
					id: newId(),
					probe: true,
					...NO_PAYLOAD
				})) continue;
			}
			if (payload === void 0 || await routing.ask({
				...head,
				id,
				...payload
			})) return true;
		}
		return false;
	} };
}
var init_ways = __esmMin((() => {
	init_limits();
	init_payload();
}));
// client/transfer/store.ts
var Collection, Outlet;
var init_store = __esmMin((() => {
	init_json();
	init_limits();
	Collection = class {
		#pieces = [];
		#pieceBytes = 0;
		#parts = [];
		add(piece) {
			this.#pieces.push(piece);
			this.#pieceBytes += piece.length;
			if (this.#pieceBytes >= 4194304) this.#pack();
		}
		async data(kind, name, type) {
			this.#pack();
			if (kind === "file" && typeof File === "function") return new File(this.#parts, name, { type });
			const blob = new Blob(this.#parts, { type });
			if (kind === "blob" || kind === "file") return blob;
			const bytes = new Uint8Array(await blob.arrayBuffer());
			return kind === "bytes" ? bytes : parseJson(decodeText(bytes));
		}
		clear() {
			this.#pieces = [];
			this.#parts.length = 0;
		}
		#pack() {
			if (this.#pieces.length > 0) this.#parts.push(new Blob(this.#pieces));
			this.#pieces = [];
			this.#pieceBytes = 0;
		}
	};
	Outlet = class {
		stream;
		#pieces = [];
		#taken;
		#controller;
		#isWanted = false;
		#isComplete = false;
		constructor(taken, cancelled) {
			this.#taken = taken;
			this.stream = new ReadableStream({
				start: (controller) => {
					this.#controller = controller;
				},
				pull: () => {
					this.#isWanted = true;
					this.#serve();
				},
				cancel: cancelled
			}, { highWaterMark: 0 });
		}
		add(piece) {
			this.#pieces.push(piece);
			this.#serve();
		}
		complete() {
			this.#isComplete = true;
			this.#serve();
		}
		fail(error) {
			this.#pieces.length = 0;
			if (!this.#isComplete) this.#controller?.error(error);
			this.#isComplete = true;
		}
		#serve() {
			const [piece] = this.#pieces;
			if (piece === void 0) {
				if (this.#isComplete) this.#controller?.close();
			} else if (this.#isWanted) {
				this.#pieces.shift();
				this.#isWanted = false;
				this.#controller?.enqueue(piece.slice());
				this.#taken(piece.length);
				if (this.#isComplete && this.#pieces.length === 0) this.#controller?.close();
			}
		}
	};
}));
// client/transfer/incoming.ts
var Incoming;
var init_incoming = __esmMin((() => {
	init_errors();
	init_limits();
	init_store();
	Incoming = class {
		from;
		size;
		name;
		type;
		done;
		#options;
		#listeners = [];
		#settle = () => {};
		#state = "offered";
		#collection = new Collection();
		#outlet;
		#kept = 0;
		#received = 0;
		#taken = 0;
		#reported = 0;
		#upto = 0;
		#isLinked = true;
		#isComplete = false;
		#movedAt;
		#cancelTimer;
		constructor(options) {
			const { offer, from, timers } = options;
			this.#options = options;
			this.from = from;
			this.size = offer.size;
			this.name = offer.name;
			this.type = offer.type ?? "";
			this.#movedAt = timers.elapsed();
			this.done = new Promise((resolve, reject) => {
				this.#settle = (error) => error === void 0 ? resolve() : reject(error);
			});
			this.done.catch(() => {});
		}
		get bytes() {
			return this.#received;
		}
		begin() {
			if (this.#state === "offered") this.accept();
			else if (this.#state === "held") this.#report();
		}
		hold() {
			if (this.#state === "offered") this.#state = "held";
		}
		accept() {
			if (this.#state !== "offered" && this.#state !== "held") return;
			if ((this.size ?? 0) > this.#options.maxBytes) {
				this.#refuse();
				return;
			}
			this.#state = "collecting";
			this.#report();
			this.#watch();
		}
		stream() {
			if (this.#state !== "offered" && this.#state !== "held") throw new MeshError("BAD_REQUEST", "A transfer is streamed from its start, or not at all.");
			this.#state = "streaming";
			this.#outlet = new Outlet((bytes) => this.#take(bytes), () => this.cancel());
			this.#report();
			return this.#outlet.stream;
		}
		cancel() {
			this.end("ABORTED", "The transfer was cancelled.");
		}
		onProgress(listener) {
			this.#listeners.push(listener);
		}
		receive(word, body) {
			if (this.#state === "ended") return;
			if (word.o === "offer") this.#report();
			else if (word.o === "piece") this.#takePiece(word.at, body);
			else if (word.o === "end") this.#complete(word.at);
			else if (word.o === "cancel") this.#end(new MeshError("ABORTED", `The sender ended the transfer: ${word.code.slice(0, 64)}.`));
		}
		connected() {
			this.#isLinked = true;
			this.#cancelTimer?.();
			if (this.#state === "collecting") this.#watch();
		}
		disconnected() {
			this.#isLinked = false;
			this.#cancelTimer?.();
			this.#cancelTimer = this.#options.timers.after(3e4, () => this.end("CLOSED", "The link ended."));
		}
		end(code, message) {
			if (this.#state === "ended") return;
			this.#options.tell({
				o: "cancel",
				i: this.#options.offer.i,
				code
			});
			this.#end(new MeshError(code, message, { peerId: this.from }));
		}
		#end(error) {
			this.#state = "ended";
			this.#cancelTimer?.();
			if (error === void 0) this.#outlet?.complete();
			else {
				this.#outlet?.fail(error);
				this.#collection.clear();
				this.#options.release(this.#kept);
			}
			this.#options.ended(error === void 0);
			this.#settle(error);
		}
		#takePiece(at, piece) {
			if (at + piece.length <= this.#received) return;
			const isInOrder = at === this.#received && this.#received < this.#upto && piece.length <= 65278;
			const isWithinSize = at + piece.length <= (this.size ?? Number.POSITIVE_INFINITY);
			if (!isInOrder || !isWithinSize) return this.end("BAD_REQUEST", "The sender does not keep to what it announced.");
			if (this.#state === "collecting" && !this.#keep(piece.length)) return;
			this.#received += piece.length;
			this.#movedAt = this.#options.timers.elapsed();
			if (this.#outlet !== void 0) this.#outlet.add(piece);
			else {
				this.#collection.add(piece);
				this.#take(piece.length);
			}
			const progress = {
				bytes: this.#received,
				size: this.size
			};
			for (const listener of this.#listeners) queueMicrotask(() => listener(progress));
		}
		#complete(at) {
			if (this.#isComplete) return;
			if (at !== this.#received || at !== (this.size ?? at)) return this.end("BAD_REQUEST", "The sender left something out.");
			this.#isComplete = true;
			const { offer, collected } = this.#options;
			if (this.#outlet !== void 0) return this.#succeed();
			this.#collection.data(offer.kind, offer.name ?? "", this.type).then((data) => {
				if (this.#state === "ended") return;
				this.#succeed();
				this.#options.release(this.#kept);
				if (data !== void 0) collected(data);
			}, (error) => this.end("TOO_LARGE", `The data cannot be kept: ${error}`));
		}
		#succeed() {
			this.#end();
			this.#options.tell({
				o: "done",
				i: this.#options.offer.i
			});
		}
		#keep(bytes) {
			const isKept = this.#options.reserve(bytes);
			if (isKept) this.#kept += bytes;
			else this.#refuse();
			return isKept;
		}
		#refuse() {
			this.end("TOO_LARGE", "The transfer is larger than what may be kept (maxReceiveBytes).");
		}
		#take(bytes) {
			this.#taken += bytes;
			if (this.#taken - this.#reported >= 262144) this.#report();
		}
		#report() {
			if (this.#state === "ended" || !this.#isLinked) return;
			this.#reported = this.#taken;
			if (this.#state !== "held") this.#upto = this.#taken + 2097152;
			this.#options.tell({
				o: "report",
				i: this.#options.offer.i,
				at: this.#received,
				upto: this.#upto
			});
		}
		#watch() {
			this.#cancelTimer?.();
			this.#cancelTimer = this.#options.timers.after(6e4, () => {
				if (this.#options.timers.elapsed() - this.#movedAt >= 6e4) this.end("TIMEOUT", "The sender sends nothing.");
				else this.#watch();
			});
		}
	};
}));
// client/transfer/outgoing.ts
var CODES, Outgoing;
var init_outgoing = __esmMin((() => {
	init_errors();
	init_limits();
	CODES = [
		"TOO_LARGE",
		"BUFFER_FULL",
		"BAD_REQUEST",
		"CLOSED",
		"TIMEOUT"
	];
	Outgoing = class {
		done;
		#options;
		#pieces;
		#settle = () => {};
		#isEnded = false;
		#links = 0;
		#isOpen = false;
		#kept = [];
		#next = 0;
		#confirmed = 0;
		#upto = 0;
		#read = 0;
		#total;
		#isEndSent = false;
		#reading;
		#wake = () => {};
		#cancelTimer;
		constructor(options) {
			this.#options = options;
			this.#pieces = options.source.pieces();
			this.done = new Promise((resolve, reject) => {
				this.#settle = (error) => {
					if (this.#isEnded) return;
					this.#isEnded = true;
					this.#cancelTimer?.();
					this.#kept.length = 0;
					this.#wake();
					this.#pieces.return().catch(() => {});
					if (error === void 0) resolve();
					else reject(error);
				};
			});
			this.done.catch(() => {});
			this.#run();
		}
		connected() {
			const { id, source } = this.#options;
			const { kind, size, name, type } = source;
			this.#tell({
				o: "offer",
				i: id,
				kind,
				size,
				name,
				type,
				at: this.#confirmed
			});
			this.#wait(1e4, "TIMEOUT", "The peer does not answer an offer of large data.");
		}
		disconnected() {
			this.#links++;
			this.#isOpen = false;
			this.#isEndSent = false;
			this.#wait(3e4, "CLOSED", "The link ended, and no other came.");
		}
		receive(word) {
			if (word.o === "report") this.#takeReport(word.at, word.upto);
			else if (word.o === "done" && this.#total !== void 0) {
				this.#tellProgress(this.#total);
				this.#settle();
			} else if (word.o === "cancel") {
				const code = CODES.includes(word.code) ? word.code : "ABORTED";
				this.#settle(new MeshError(code, `The receiver ended the transfer: ${code}.`));
			}
		}
		cancel(error) {
			if (this.#isEnded) return;
			this.#tell({
				o: "cancel",
				s: true,
				i: this.#options.id,
				code: error.code
			});
			this.#settle(error);
		}
		#wait(ms, code, message) {
			this.#cancelTimer?.();
			if (!this.#isEnded) this.#cancelTimer = this.#options.timers.after(ms, () => this.cancel(new MeshError(code, message)));
		}
		#takeReport(at, upto) {
			if (this.#isEnded || at < this.#confirmed || at > this.#read) return;
			this.#cancelTimer?.();
			let left = at - this.#confirmed;
			while (left > 0 && this.#kept[0] !== void 0 && this.#kept[0].length <= left) {
				left -= this.#kept[0].length;
				this.#kept.shift();
				this.#next = Math.max(0, this.#next - 1);
			}
			if (left > 0) return this.cancel(new MeshError("BAD_REQUEST", "The receiver has lost the thread."));
			this.#confirmed = at;
			this.#upto = upto;
			if (!this.#isOpen) this.#next = 0;
			this.#isOpen = true;
			this.#wake();
			this.#tellProgress(at);
		}
		#tellProgress(bytes) {
			const { onProgress, source } = this.#options;
			if (onProgress !== void 0) queueMicrotask(() => onProgress({
				bytes,
				size: source.size
			}));
		}
		async #run() {
			while (!this.#isEnded) {
				const changed = new Promise((resolve) => {
					this.#wake = resolve;
				});
				if (this.#isOpen && this.#next < this.#kept.length) {
					await this.#sendNext();
					continue;
				}
				if (this.#isOpen && this.#total === void 0) this.#readOn();
				else if (this.#isOpen && this.#total !== void 0 && !this.#isEndSent) {
					this.#isEndSent = true;
					await this.#tell({
						o: "end",
						i: this.#options.id,
						at: this.#total
					});
					continue;
				}
				await changed;
			}
		}
		async #sendNext() {
			const piece = this.#kept[this.#next];
			const at = this.#kept.slice(0, this.#next).reduce((sum, { length }) => sum + length, this.#confirmed);
			this.#next++;
			await this.#tell({
				o: "piece",
				i: this.#options.id,
				at
			}, piece);
		}
		#readOn() {
			if (this.#read >= this.#upto || this.#kept.length >= 1024) return;
			this.#reading ??= this.#pieces.next().then(({ done, value }) => {
				this.#reading = void 0;
				if (done === true) this.#total = this.#read;
				else {
					this.#kept.push(value);
					this.#read += value.length;
				}
				const { size = this.#read } = this.#options.source;
				if (this.#read > size || done && this.#read < size) this.cancel(new MeshError("BAD_REQUEST", "The file was changed while it was sent."));
				this.#wake();
			}, (error) => this.cancel(error));
		}
		async #tell(word, body) {
			const { timers, put } = this.#options;
			const links = this.#links;
			for (;;) {
				if (await put(word, body).then(() => void 0, (error) => error.code) !== "BUFFER_FULL" || this.#isEnded && word.o !== "cancel") return;
				await new Promise((resolve) => timers.after(50, resolve));
				if (links !== this.#links && word.o !== "cancel") return;
			}
		}
	};
}));
// client/transfer/blob.ts
var blob_exports = /* @__PURE__ */ __exportAll({ readBlob: () => readBlob });
async function readBlob(blob, maxBytes) {
	if (blob.size > maxBytes) throw tooLarge(maxBytes, blob.size);
	try {
		return await blob.arrayBuffer();
	} catch (cause) {
		throw new MeshError("BAD_REQUEST", "The file cannot be read: it was changed or removed.", { cause });
	}
}
var init_blob = __esmMin((() => {
	init_data();
	init_errors();
}));
// client/transfer/source.ts
function sourceOf(data) {
	if (isBlob(data)) {
		const { size, type, name } = data;
		return {
			...typeof name === "string" ? {
				kind: "file",
				name: name.slice(0, 255)
			} : { kind: "blob" },
			size,
			type: type.slice(0, 127),
			pieces: () => piecesOf(partsOf(data))
		};
	}
	const stream = streamOf(data);
	return stream && {
		kind: "blob",
		size: void 0,
		pieces: () => piecesOf(stream)
	};
}
function payloadSource({ bytes, body }) {
	return {
		kind: bytes ? "bytes" : "json",
		size: body.length,
		pieces: () => piecesOf([body])
	};
}
function streamOf(data) {
	if (typeof data !== "object" || data === null) return void 0;
	if (Symbol.asyncIterator in data) return data;
	return typeof data.getReader === "function" ? chunksOf(data) : void 0;
}
async function* chunksOf(stream) {
	const reader = stream.getReader();
	let isDone = false;
	try {
		while (!isDone) {
			const { done, value } = await reader.read();
			isDone = done;
			if (!done) yield value;
		}
	} finally {
		if (!isDone) await reader.cancel().catch(() => {});
	}
}
async function* partsOf(blob) {
	for (let at = 0; at < blob.size; at += 1048576) yield new Uint8Array(await readBlob(blob.slice(at, at + 1048576), 1048576));
}
async function* piecesOf(chunks) {
	try {
		for await (const chunk of chunks) {
			const bytes = bytesOf(chunk);
			if (bytes === void 0) throw new MeshError("BAD_REQUEST", "A stream must give bytes.");
			for (let at = 0; at < bytes.length; at += 65278) yield bytes.slice(at, at + 65278);
		}
	} catch (cause) {
		if (cause instanceof MeshError) throw cause;
		throw new MeshError("BAD_REQUEST", "The stream failed.", { cause });
	}
}
var KINDS;
var init_source = __esmMin((() => {
	init_data();
	init_errors();
	init_limits();
	init_blob();
	KINDS = [
		"blob",
		"file",
		"bytes",
		"json"
	];
}));
// client/transfer/words.ts
function readWord(fields = {}) {
	const { o, i, at, upto, kind, size, name, type, code } = fields;
	if (!isId(i)) return void 0;
	switch (o) {
		case "offer": {
			const isFile = isText(name ?? "", 255) && isText(type ?? "", 127);
			return KINDS.includes(kind) && isSize(at) && isSize(size ?? 0) && isFile ? fields : void 0;
		}
		case "piece":
		case "end": return isSize(at) ? fields : void 0;
		case "report": return isSize(at) && isSize(upto) ? fields : void 0;
		case "done": return fields;
		case "cancel": return isText(code, 127) ? fields : void 0;
		default: return;
	}
}
function isSize(value) {
	return Number.isSafeInteger(value) && value >= 0;
}
function isText(value, longest) {
	return typeof value === "string" && value.length <= longest;
}
var init_words = __esmMin((() => {
	init_ids();
	init_limits();
	init_source();
}));
// client/transfer/index.ts
var transfer_exports = /* @__PURE__ */ __exportAll({
	readBlob: () => readBlob,
	start: () => start
});
function keyOf(peerId, id) {
	return `${id} ${peerId}`;
}
function start(host) {
	return new AllTransfers(host);
}
var AllTransfers;
var init_transfer = __esmMin((() => {
	init_bounded_map();
	init_errors();
	init_limits();
	init_ways();
	init_incoming();
	init_outgoing();
	init_source();
	init_words();
	init_blob();
	AllTransfers = class {
		#host;
		#ways;
		#outgoing = /* @__PURE__ */ new Map();
		#incoming = /* @__PURE__ */ new Map();
		#ended = new BoundedMap(256);
		#turns = /* @__PURE__ */ new Map();
		#waiting = /* @__PURE__ */ new Map();
		#waitingBytes = 0;
		#keptBytes = 0;
		constructor(host) {
			this.#host = host;
			this.#ways = start$1(host);
			const { emitter } = host;
			emitter.on("peer:connect", (peerId) => this.#each(peerId, (transfer) => transfer.connected()));
			emitter.on("peer:disconnect", (peerId) => {
				this.#each(peerId, (transfer) => transfer.disconnected());
				host.environment.timers.after(3e3, () => {
					if ([...this.#outgoing.values()].some(({ to }) => to === peerId)) this.#call(peerId);
				});
			});
			emitter.on("state", (state) => {
				if (state === "left") this.#close();
			});
		}
		awaitsLink(peerId) {
			return this.#waiting.has(peerId);
		}
		async send(to, data, payload, options = {}) {
			const isLarge = payload !== void 0 && payload.body.length > 1048576;
			const isWatched = options.onProgress !== void 0 || options.signal !== void 0;
			const source = payload === void 0 ? sourceOf(data) : isLarge || isWatched ? payloadSource(payload) : void 0;
			if (source !== void 0) return this.#transfer(to, source, options);
			const message = payload;
			if (options.ack) return this.#ask(to, message);
			await this.#sendOnce(to, message, options.latest);
		}
		receive(via, { fields, body }) {
			const word = readWord(fields);
			if (word === void 0) return;
			const isFromReceiver = word.o === "report" || word.o === "done" || word.o === "cancel" && !word.s;
			const outgoing = this.#outgoing.get(word.i);
			const incoming = this.#incoming.get(keyOf(via, word.i));
			if (isFromReceiver) {
				if (outgoing?.to === via) outgoing.transfer.receive(word);
			} else if (incoming !== void 0) incoming.receive(word, body);
			else if (word.o === "offer") this.#takeOffer(via, word);
		}
		async #sendOnce(to, message, latest) {
			const { peers, links } = this.#host;
			const send = () => this.#sendNow(to, message, latest);
			if (!(peers().length === 0 && links.get(to) !== void 0) && !this.awaitsLink(to)) try {
				return await send();
			} catch (error) {
				if (links.get(to) === void 0 || error.code !== "NO_ROUTE") throw error;
			}
			await this.#inOrder(to, message, send);
		}
		async #sendNow(to, message, latest) {
			const { peers, selfId, transmit } = this.#host;
			if (peers().includes(to)) return transmit(to, {
				kind: "direct",
				latest,
				...message
			});
			if (to !== selfId && await this.#ways.reach(to, message)) return;
			throw passing("NO_ROUTE", `No way to ${to}.`, { peerId: to });
		}
		async #inOrder(to, { body }, send) {
			const waiting = this.#waiting.get(to) ?? {
				count: 0,
				last: Promise.resolve()
			};
			if (waiting.count >= 256 || this.#waitingBytes + body.length > 4194304) throw passing("BUFFER_FULL", "Too much waits for a link.");
			waiting.count++;
			waiting.last = waiting.last.then(() => this.#linkMade(to));
			this.#waiting.set(to, waiting);
			this.#waitingBytes += body.length;
			await waiting.last;
			const sent = send();
			this.#waitingBytes -= body.length;
			if (--waiting.count === 0) this.#waiting.delete(to);
			return sent;
		}
		async #ask(to, payload) {
			const { environment, links, peers } = this.#host;
			const id = environment.randomHex(16);
			for (let attempt = 1; attempt <= 6 && to !== this.#host.selfId; attempt++) {
				const reach = () => this.#ways.reach(to, payload, id, [attempt]);
				if (await (peers().length === 0 || attempt > 2 || this.awaitsLink(to) ? this.#inOrder(to, payload, reach) : reach())) return;
				if (peers().length === 0 && links.get(to) === void 0) break;
			}
			throw passing("NO_ROUTE", `${to} did not answer.`, { peerId: to });
		}
		async #linkMade(to) {
			const { links, emitter, environment, peers } = this.#host;
			if (peers().includes(to) || links.get(to) === void 0) return;
			await new Promise((resolve) => {
				const settle = () => {
					for (const stop of stops) stop();
					resolve();
				};
				const look = (peerId) => {
					if (peerId === to) settle();
				};
				const stops = [
					emitter.on("peer:connect", look),
					links.on("end", look),
					links.on("refused", look),
					emitter.on("state", (state) => {
						if (state === "left") settle();
					}),
					environment.timers.after(15e3, settle)
				];
			});
		}
		async #transfer(to, source, { onProgress, signal }) {
			const aborted = () => new MeshError("ABORTED", "Aborted.", {
				peerId: to,
				cause: signal?.reason
			});
			if (signal?.aborted) throw aborted();
			let stop = () => {};
			const stopped = new Promise((_, reject) => {
				stop = () => reject(aborted());
			});
			stopped.catch(() => {});
			signal?.addEventListener("abort", stop);
			let turn;
			let transfer;
			try {
				await Promise.race([this.#needLink(to), stopped]);
				turn = this.#turn(to);
				await Promise.race([turn, stopped]);
				const id = this.#host.environment.randomHex(16);
				const { timers } = this.#host.environment;
				transfer = new Outgoing({
					timers,
					id,
					source,
					onProgress,
					put: (word, body) => this.#put(to, word, body)
				});
				this.#outgoing.set(id, {
					to,
					transfer
				});
				if (this.#host.peers().includes(to)) transfer.connected();
				else transfer.disconnected();
				await Promise.race([transfer.done, stopped]).finally(() => this.#outgoing.delete(id));
			} finally {
				signal?.removeEventListener("abort", stop);
				if (signal?.aborted) transfer?.cancel(aborted());
				turn?.then((end) => end());
			}
		}
		async #needLink(to) {
			const { peers, ours } = this.#host;
			if (!peers().includes(to)) {
				this.#call(to);
				await this.#linkMade(to);
			}
			const details = { peerId: to };
			if (!peers().includes(to)) throw passing("NO_ROUTE", `No link to ${to}: large data takes a link.`, details);
			if (!ours().includes(to)) throw new MeshError("BAD_REQUEST", "p2pmesh's peers take no bytes.", details);
		}
		#call(to) {
			const { links, maxPeers } = this.#host;
			if (links.all().length < maxPeers) links.call(to);
		}
		async #turn(to) {
			const turns = this.#turns.get(to) ?? {
				running: 0,
				queue: []
			};
			this.#turns.set(to, turns);
			if (turns.running < 4) turns.running++;
			else await new Promise((resolve) => turns.queue.push(resolve));
			return () => {
				const next = turns.queue.shift();
				if (next !== void 0) next();
				else if (--turns.running === 0) this.#turns.delete(to);
			};
		}
		#takeOffer(from, offer) {
			const key = keyOf(from, offer.i);
			const tell = (word) => void this.#putAll(from, word);
			const ended = this.#ended.get(key);
			if (ended === "done") return tell({
				o: "done",
				i: offer.i
			});
			if (ended !== void 0 || offer.at > 0) return tell({
				o: "cancel",
				i: offer.i,
				code: "CLOSED"
			});
			if ([...this.#incoming.values()].filter((other) => other.from === from).length >= 4) return tell({
				o: "cancel",
				i: offer.i,
				code: "BUFFER_FULL"
			});
			const { environment, emitter, maxReceiveBytes } = this.#host;
			const incoming = new Incoming({
				timers: environment.timers,
				from,
				offer,
				maxBytes: maxReceiveBytes,
				tell,
				reserve: (bytes) => {
					const isFree = this.#keptBytes + bytes <= maxReceiveBytes;
					if (isFree) this.#keptBytes += bytes;
					return isFree;
				},
				release: (bytes) => {
					this.#keptBytes -= bytes;
				},
				collected: (data) => emitter.emit("message", {
					from,
					data,
					direct: true,
					via: from
				}),
				ended: (isComplete) => {
					this.#incoming.delete(key);
					this.#ended.set(key, isComplete ? "done" : "cancel");
				}
			});
			this.#incoming.set(key, incoming);
			emitter.emit("transfer", incoming);
			incoming.begin();
		}
		#put(to, word, body = /* @__PURE__ */ new Uint8Array(0)) {
			return this.#host.transmit(to, {
				kind: "transfer",
				fields: { ...word },
				bytes: true,
				body
			});
		}
		async #putAll(to, word) {
			if ((await this.#put(to, word).catch((error) => error))?.code === "BUFFER_FULL") this.#host.environment.timers.after(50, () => this.#putAll(to, word));
		}
		#each(peerId, act) {
			for (const { to, transfer } of [...this.#outgoing.values()]) if (to === peerId) act(transfer);
			for (const transfer of [...this.#incoming.values()]) if (transfer.from === peerId) act(transfer);
		}
		#close() {
			const message = "The mesh was left.";
			for (const { transfer } of [...this.#outgoing.values()]) transfer.cancel(new MeshError("CLOSED", message));
			for (const transfer of [...this.#incoming.values()]) transfer.end("CLOSED", message);
		}
	};
}));
// client/mesh/extras.ts
init_errors();
const LOADERS = {
	island: () => Promise.resolve().then(() => (init_island(), island_exports)),
	members: () => Promise.resolve().then(() => (init_members(), members_exports)),
	overlay: () => Promise.resolve().then(() => (init_overlay(), overlay_exports)),
	search: () => Promise.resolve().then(() => (init_search(), search_exports)),
	tree: () => Promise.resolve().then(() => (init_tree(), tree_exports)),
	transfer: () => Promise.resolve().then(() => (init_transfer(), transfer_exports)),
	ways: () => Promise.resolve().then(() => (init_ways(), ways_exports))
};
var Extras = class {
	#host;
	#starting = /* @__PURE__ */ new Map();
	started = {};
	constructor(host) {
		this.#host = host;
	}
	get(kind) {
		const starting = this.#starting.get(kind);
		if (starting !== void 0) return starting;
		const started = this.started;
		const part = loaded(LOADERS[kind]()).then(({ start }) => started[kind] = start(this.#host));
		part.catch(() => this.#starting.delete(kind));
		this.#starting.set(kind, part);
		return part;
	}
	use(kind, act) {
		this.get(kind).then(act, (error) => this.#host.emitter.emit("error", error));
	}
};
// client/webrtc/inbox.ts
init_bounded_map();
init_limits();
function createInbox(timers) {
	const memories = new BoundedMap(64);
	const memoryOf = (from) => {
		const now = timers.elapsed();
		let memory = memories.get(from);
		if (memory === void 0 || now - memory.at > 3e4) {
			memory = {
				at: now,
				newest: -1,
				early: []
			};
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
			if (early.length < 32) early.push(candidate);
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
init_json();
init_limits();
function readSignals(frame) {
	const values = frame.type === "batched_signals" ? frame.signals : [frame.signal];
	if (!Array.isArray(values)) return [];
	return values.slice(0, 64).flatMap((value) => readSignal(value) ?? []);
}
function readSignal(value) {
	if (!isObject(value)) return void 0;
	const { type, sdp, candidate, attempt, order, links } = value;
	if (isObject(candidate) && typeof candidate.candidate === "string") return {
		type: "candidate",
		candidate,
		attempt
	};
	return (type === "offer" || type === "answer") && typeof sdp === "string" && [order, links].every((mark) => mark === void 0 || typeof mark === "number") || type === "renegotiate" ? value : void 0;
}
// client/mesh/links.ts
init_ids();
init_limiter();
init_limits();
var Links = class {
	on;
	#emit;
	#options;
	#links = /* @__PURE__ */ new Map();
	#inbox;
	#demands;
	#order;
	constructor(options) {
		const { on, emit } = createEmitter();
		this.on = on;
		this.#emit = emit;
		this.#options = options;
		const { timers } = options.environment;
		this.#inbox = createInbox(timers);
		this.#demands = new Limiter(timers, 6, 1e4);
		this.#order = timers.now();
	}
	get(peerId) {
		return this.#links.get(peerId);
	}
	all() {
		return [...this.#links.values()];
	}
	open() {
		return this.all().flatMap(({ peerId, state }) => state === "open" ? [peerId] : []);
	}
	call(peerId) {
		if (peerId !== this.#options.selfId && !this.#links.has(peerId)) this.#make(peerId).call();
	}
	close(peerId) {
		const link = this.#links.get(peerId);
		this.#links.delete(peerId);
		link?.close();
	}
	receive(from, frame) {
		if (from === this.#options.selfId) return;
		switch (frame.type) {
			case "connection_rejected": return this.#takeRejection(from, frame);
			case "signal_rejected": return this.#takeConflict(from, frame);
			case "connect_request": return this.#want(from, true);
			default: for (const signal of readSignals(frame)) this.#take(from, signal);
		}
	}
	#takeRejection(from, { attempt, alternativePeers }) {
		const calling = this.#links.get(from)?.calling;
		if (calling === void 0 || (attempt ?? calling) !== calling) return;
		this.close(from);
		this.#emit("refused", from, readIds(alternativePeers));
	}
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
		send(from, {
			type: "connection_rejected",
			reason: "max_peers_reached",
			maxPeers,
			alternativePeers,
			attempt
		});
	}
	#make(peerId) {
		const { environment, selfId, createLink, iceServers, signaling, caller, send } = this.#options;
		const link = createLink({
			environment,
			selfId,
			peerId,
			iceServers,
			signaling: signaling(peerId),
			marks: () => ({
				order: ++this.#order,
				...caller()
			}),
			earlyCandidates: (attempt) => this.#inbox.take(peerId, attempt)
		}, {
			signal: (signal) => send(peerId, {
				type: "signal",
				signal
			}),
			connect: () => this.#emit("connect", link),
			message: (message) => this.#emit("message", peerId, message),
			disconnect: () => this.#emit("disconnect", peerId),
			end: (why, failure) => {
				if (this.#links.get(peerId) !== link) return;
				this.#links.delete(peerId);
				this.#emit("end", peerId, why, failure);
			}
		});
		this.#links.set(peerId, link);
		return link;
	}
};
function readIds(value) {
	return Array.isArray(value) ? value.slice(0, 8).filter(isId) : [];
}
// client/mesh/neighbour.ts
function ourNeighbour(link) {
	return {
		peerId: link.peerId,
		ours: true,
		send: (frame) => write(link, encodeFrame(frame), frame.latest),
		read(message, take) {
			const frame = decodeFrame(message);
			if (frame !== void 0) take(frame);
		}
	};
}
function p2pmeshNeighbour(peerId, language) {
	return {
		peerId,
		ours: false,
		send: async (frame) => (await language).send(frame),
		read: (message, take) => heedless(language.then(({ read }) => read(message, take)))
	};
}
function write(link, message, key) {
	return link.send(message, key) ?? unlinked();
}
var init_neighbour = __esmMin((() => {
	init_errors();
	init_frames$1();
}));
// client/chance.ts
function jittered(ms, random) {
	return ms * (.75 + random() / 2);
}
function rotated(items, random) {
	const start = Math.floor(random() * items.length);
	return [...items.slice(start), ...items.slice(0, start)];
}
var init_chance = __esmMin((() => {}));
// client/mesh/candidates.ts
init_neighbour();
init_bounded_map();
init_chance();
init_limits();
var Candidates = class {
	#known = new BoundedMap(256);
	#environment;
	constructor(environment) {
		this.#environment = environment;
	}
	has(peerId) {
		return this.#known.has(peerId);
	}
	learn(peerId) {
		const candidate = this.#known.get(peerId) ?? {
			notBefore: 0,
			strikes: 0,
			steps: 0
		};
		if (!this.#known.has(peerId)) this.#known.set(peerId, candidate);
		return candidate;
	}
	forget(peerId) {
		this.#known.delete(peerId);
	}
	leaveAlone(peerId) {
		const candidate = this.learn(peerId);
		const { steps } = candidate;
		candidate.steps = 0;
		const ms = Math.min(3e4 * 2 ** candidate.strikes++, 6e5);
		candidate.notBefore = this.#environment.timers.elapsed() + this.jittered(ms);
		return steps;
	}
	isSuspect(peerId) {
		const { strikes, notBefore } = this.learn(peerId);
		return strikes >= 3 && this.#environment.timers.elapsed() < notBefore;
	}
	callable() {
		const now = this.#environment.timers.elapsed();
		return [...this.#known].flatMap(([peerId, { notBefore }]) => notBefore <= now ? [peerId] : []);
	}
	jittered(ms) {
		return jittered(ms, this.#environment.random);
	}
	rotated(peerIds) {
		return rotated(peerIds, this.#environment.random);
	}
};
// client/mesh/neighbourhood.ts
init_limits();
var Neighbourhood = class {
	options;
	candidates;
	fewest;
	#patience = /* @__PURE__ */ new Set();
	closed = false;
	#cancelCheck;
	introducedAt = 0;
	listed = /* @__PURE__ */ new Set();
	constructor(options) {
		this.options = options;
		this.candidates = new Candidates(options.environment);
		this.fewest = Math.min(5, Math.max(1, options.maxPeers - 1));
	}
	introduced(peerIds) {
		const { knowsOverlay } = this.options;
		for (const peerId of peerIds) if (!knowsOverlay(peerId)) this.met(peerId);
		this.#enter(peerIds.filter((peerId) => knowsOverlay(peerId) && !this.hasLink(peerId)));
		this.introducedAt = this.options.environment.timers.elapsed();
		if (this.#cancelCheck === void 0) this.#scheduleCheck();
	}
	met(peerId, knowsUs = true) {
		if (this.closed) return;
		const { selfId, knowsOverlay } = this.options;
		const enters = knowsOverlay(peerId);
		this.candidates.forget(peerId);
		this.candidates.learn(peerId);
		if (enters || knowsUs && peerId < selfId) this.#await(peerId, enters ? 6e3 : 3e3);
		else if (this.hasPlace()) this.call(peerId);
	}
	admit(peerId, { island: theirs, links: told }) {
		const { root, links, maxPeers } = this.options;
		const count = told ?? 0;
		const isSuspect = this.candidates.isSuspect(peerId);
		const redundant = this.options.redundant();
		const rich = redundant.filter((neighbour) => neighbour.links > count + 1);
		if ((this.hasPlace() || theirs !== root() && this.hasPlace(redundant.length) || count < this.fewest && this.hasPlace(rich.length) || told === 0 && maxPeers > 5 && this.hasPlace(2)) && !isSuspect && !this.closed && this.#makeWay()) return void 0;
		return this.candidates.rotated(links.open()).slice(0, 8);
	}
	refused(peerId, alternatives) {
		const { links } = this.options;
		const steps = this.candidates.leaveAlone(peerId) || (links.open().length === 0 ? 16 : 0);
		for (const other of alternatives) this.candidates.learn(other);
		const [next] = this.candidates.rotated(alternatives.filter((other) => !this.hasLink(other)));
		if (steps > 0 && next !== void 0) this.options.search((search) => search.bridge(next, steps - 1));
		else this.fill();
	}
	connected(peerId) {
		this.candidates.forget(peerId);
		if (this.missing() > 0) this.#soon();
		this.#trim();
		const { links, maxPeers } = this.options;
		if (links.open().length > maxPeers + 2) links.close(peerId);
	}
	ended(peerId) {
		this.candidates.leaveAlone(peerId);
		this.#soon();
		this.fill();
	}
	gone(peerId) {
		this.candidates.forget(peerId);
		this.fill();
	}
	open() {
		this.closed = false;
	}
	close() {
		this.closed = true;
		this.#cancelCheck?.();
		this.#cancelCheck = void 0;
		for (const cancel of this.#patience) cancel();
		this.#patience.clear();
	}
	hasLink(peerId) {
		return peerId === this.options.selfId || this.options.links.get(peerId) !== void 0;
	}
	#taken(callMs) {
		const takes = ({ age, calling }) => age < (calling === void 0 ? 1e3 : callMs);
		return this.options.links.all().filter(takes).length;
	}
	hasPlace(replaceable = 0) {
		return this.#taken(1e3) < this.options.maxPeers + Math.min(2, replaceable);
	}
	#makeWay() {
		const { links, maxPeers } = this.options;
		const all = links.all();
		if (all.length < 2 * maxPeers) return true;
		const [oldest] = [...all].sort((a, b) => b.age - a.age);
		if (oldest === void 0 || oldest.age < 3e3) return false;
		this.candidates.leaveAlone(oldest.peerId);
		links.close(oldest.peerId);
		return true;
	}
	call(peerId) {
		if (this.hasLink(peerId) || !this.#makeWay()) return;
		this.options.links.call(peerId);
		this.#after(this.candidates.jittered(8400), () => this.fill());
	}
	#after(ms, act) {
		const cancel = this.options.environment.timers.after(ms, () => {
			this.#patience.delete(cancel);
			act();
		});
		this.#patience.add(cancel);
	}
	#await(peerId, ms) {
		const candidate = this.candidates.learn(peerId);
		candidate.notBefore = Number.POSITIVE_INFINITY;
		this.#after(this.candidates.jittered(ms), () => {
			candidate.notBefore = 0;
			this.fill();
		});
	}
	#enter(peerIds) {
		const { links } = this.options;
		for (const peerId of peerIds) {
			this.candidates.forget(peerId);
			this.#await(peerId, 4e3);
		}
		if (links.open().length > 0) return;
		const [first, second] = peerIds;
		this.listed.clear();
		for (const peerId of peerIds) this.listed.add(peerId);
		this.options.search(() => {});
		if (first !== void 0) this.call(first);
		this.#after(2e3, () => {
			if (second !== void 0 && links.open().length === 0) this.call(second);
		});
		this.#after(4e3, () => {
			for (const peerId of this.listed) if (this.hasPlace()) this.call(peerId);
			this.listed.clear();
		});
	}
	fill() {
		if (this.closed || this.missing() <= 0) return;
		const overlay = this.options.signalWays();
		this.callSome((peerId) => overlay?.leadsTo(peerId) ?? true);
		if (this.missing() > 0) this.options.search((search) => search.more());
	}
	missing() {
		return this.fewest - this.#taken(6e3);
	}
	callSome(mayCall) {
		const callable = this.candidates.callable().filter((peerId) => !this.hasLink(peerId) && mayCall(peerId));
		for (const peerId of this.candidates.rotated(callable).slice(0, Math.max(0, this.missing()))) this.call(peerId);
	}
	#soon() {
		this.options.search((search) => search.soon());
	}
	#trim() {
		const { links, redundant, maxPeers } = this.options;
		for (let over = links.open().length - maxPeers; over > 0; over--) {
			const [richest] = redundant();
			if (richest === void 0) return;
			this.candidates.leaveAlone(richest.peerId);
			links.close(richest.peerId);
		}
	}
	#scheduleCheck() {
		this.#cancelCheck = this.options.environment.timers.after(this.candidates.jittered(1e4), () => {
			this.#scheduleCheck();
			this.options.tick();
			this.#trim();
			this.fill();
			this.options.search((search) => void search.seek());
		});
	}
};
// client/mesh/post.ts
var Post = class {
	sealing;
	carrier;
	duties;
	constructor(duties) {
		this.duties = duties;
	}
	send(to, frame) {
		if (this.sealing === void 0) this.hand(to, frame);
		else this.sealing.send(to, frame);
	}
	receive(from, frame, way) {
		if (way === "server") this.carrier?.cameByServer(from, frame);
		(this.sealing ?? this.duties).receive(from, frame, way);
	}
	hand(to, frame) {
		if (!this.carrier?.carry(to, frame)) this.duties.send(to, frame);
	}
	toServer(to, frame) {
		try {
			this.duties.send(to, frame);
		} catch (error) {
			this.duties.failed(to, error);
		}
	}
};
// client/mesh/roster.ts
init_bounded_map();
init_limits();
const UNKNOWN = {
	here: false,
	left: false,
	at: Number.NEGATIVE_INFINITY,
	identity: void 0
};
var Roster = class {
	#emit;
	#entries = new BoundedMap(4096);
	constructor(emit) {
		this.#emit = emit;
	}
	arrived(peerId, at, identity = "") {
		const { here, left, at: known } = this.#get(peerId);
		if (at !== void 0 && (at < known || left && at === known)) return "old";
		this.#enter(peerId, {
			left: false,
			at: at ?? known,
			identity: String(identity)
		});
		return here && at !== void 0 && Number.isFinite(known) && at > known ? "again" : "here";
	}
	connected(peerId) {
		this.#enter(peerId, {});
	}
	left(peerId, at) {
		const entry = this.#get(peerId);
		if (at !== void 0 && at < entry.at) return false;
		this.#entries.set(peerId, {
			...entry,
			left: true,
			at: at ?? entry.at
		});
		return true;
	}
	identity(peerId) {
		return this.#get(peerId).identity;
	}
	hasLeft(peerId) {
		return this.#get(peerId).left;
	}
	isHere(peerId) {
		return this.#get(peerId).here;
	}
	gone(peerId) {
		const entry = this.#get(peerId);
		this.#entries.set(peerId, {
			...entry,
			here: false
		});
		if (entry.here) this.#emit("peer:gone", peerId);
	}
	clear() {
		this.#entries.clear();
	}
	#enter(peerId, news) {
		const entry = this.#get(peerId);
		this.#entries.set(peerId, {
			...entry,
			...news,
			here: true
		});
		if (!entry.here) this.#emit("peer:discovered", peerId);
	}
	#get(peerId) {
		return this.#entries.get(peerId) ?? UNKNOWN;
	}
};
// client/mesh/routing.ts
function ignoreLoss(sent) {
	for (const one of sent.values()) heedless(one);
}
async function firstOf(sent) {
	await Promise.any(sent.values()).catch(({ errors: [error] }) => {
		if (error !== void 0) throw error;
	});
}
function answerTo({ id, from }, selfId, newId) {
	return {
		kind: "routed",
		id: newId,
		from: selfId,
		to: from,
		hops: 16,
		answers: id,
		...NO_PAYLOAD
	};
}
var Routing;
var init_routing = __esmMin((() => {
	init_limits$1();
	init_bounded_map();
	init_errors();
	init_heedless();
	init_limits();
	init_payload();
	Routing = class {
		#options;
		#seen = new BoundedMemory(4096);
		#heard = new BoundedMemory(4096);
		#run;
		#broadcastCount = 0;
		#routes = new BoundedMap(1024);
		#unanswered = /* @__PURE__ */ new Map();
		#closed = false;
		constructor(options) {
			this.#options = options;
			this.#run = options.environment.randomHex(16);
		}
		async broadcast(payload, latest) {
			const key = latest === void 0 ? latest : (this.#run + encodeURIComponent(latest)).slice(0, 128);
			if (this.#closed) throw left();
			const { selfId } = this.#options;
			const frame = {
				kind: "routed",
				id: `${this.#run}.${++this.#broadcastCount}`,
				from: selfId,
				hops: 16,
				latest: key,
				...payload
			};
			const tree = this.#options.tree();
			const sent = this.#flood(frame, void 0, tree?.take(frame, selfId));
			await firstOf(sent);
			return tree?.pace(sent) ?? sent.size;
		}
		answers(neighbour, withinMs) {
			const head = {
				kind: "routed",
				id: this.#newId(),
				from: this.#options.selfId,
				to: neighbour
			};
			return this.ask({
				...head,
				hops: 1,
				probe: true,
				...NO_PAYLOAD
			}, withinMs).catch(() => false);
		}
		ask(frame, withinMs = 3e3) {
			const { id, to, probe = false } = frame;
			return new Promise((resolve, reject) => {
				if (this.#closed) return reject(left());
				if (this.#unanswered.size >= 256) return reject(full());
				const settle = (answer) => {
					cancel();
					this.#unanswered.delete(id);
					if (typeof answer === "boolean") resolve(answer);
					else reject(answer);
				};
				const cancel = this.#options.environment.timers.after(withinMs, () => settle(false));
				this.#unanswered.set(id, {
					to,
					probe,
					settle
				});
				const sent = this.#sendOn(frame);
				if (sent.size === 0) settle(false);
				firstOf(sent).catch(settle);
			});
		}
		next(to) {
			const neighbours = this.#options.neighbours();
			return [to, this.#routes.get(to)].find((next) => neighbours.includes(next));
		}
		receive(via, frame) {
			if (frame.kind === "direct") this.#deliver(via, via, frame);
			else this.#route(via, frame);
		}
		open() {
			this.#closed = false;
		}
		close(probing = false) {
			this.#closed = true;
			for (const { probe, settle } of [...this.#unanswered.values()]) if (!(probing && probe)) settle(left());
		}
		#newId() {
			return this.#options.environment.randomHex(16);
		}
		#flood(frame, except, known) {
			const { neighbours, tree } = this.#options;
			const others = neighbours().filter((peerId) => peerId !== except);
			return this.#sendTo((known && tree()?.spread(known, frame, others)) ?? others, frame);
		}
		#sendTo(peerIds, frame) {
			return new Map(peerIds.map((peerId) => [peerId, this.#options.transmit(peerId, frame)]));
		}
		#sendOn(frame, except) {
			const { to, attempt = 1, probe } = frame;
			const next = this.next(to);
			if (next === void 0 || next === except || attempt > 1 && probe && next !== to) return this.#flood(frame, except);
			return this.#sendTo([next], frame);
		}
		#route(via, frame) {
			const { id, attempt, from, to, hops } = frame;
			if (from === this.#options.selfId) return;
			const passedOn = {
				...frame,
				hops: hops - 1
			};
			if (to === void 0) {
				const isFirst = this.#heard.isNew(`${from} ${id}`);
				const known = this.#options.tree()?.take(frame, via);
				if (!isFirst || known?.isNew === false) return;
				this.#routes.set(from, via);
				if (hops > 1) ignoreLoss(this.#flood(passedOn, via, known));
				return this.#deliver(via, from, frame);
			}
			if (!this.#seen.isNew(`${from} ${id} ${attempt}`)) return;
			this.#routes.set(from, via);
			if (to === this.#options.selfId) this.#receiveOwn(via, frame);
			else if (hops > 1) ignoreLoss(this.#sendOn({
				...passedOn,
				to
			}, via));
		}
		#receiveOwn(via, frame) {
			const { id, from, answers, probe } = frame;
			if (answers !== void 0) {
				const asked = this.#unanswered.get(answers);
				if (asked?.to === from) asked.settle(true);
				return;
			}
			ignoreLoss(this.#sendOn(answerTo(frame, this.#options.selfId, this.#newId())));
			if (!probe && this.#seen.isNew(`${from} ${id}`)) this.#deliver(via, frame.from, frame);
		}
		#deliver(via, from, payload) {
			const data = decodeData(payload);
			if (data !== void 0) this.#options.deliver({
				from,
				data,
				direct: via === from,
				via
			});
		}
	};
}));
// client/mesh/p2pmesh.ts
var p2pmesh_exports = /* @__PURE__ */ __exportAll({ p2pmeshLanguage: () => p2pmeshLanguage });
function p2pmeshLanguage(link, { timers, randomHex }, answer) {
	const { peerId } = link;
	return {
		async send(frame) {
			const isForIt = frame.kind === "direct" || frame.kind === "routed" && frame.to === peerId;
			const text = toP2pmesh(peerId, frame, timers.now());
			if (text !== void 0) await write(link, text);
			else if (isForIt && frame.bytes) throw new MeshError("BAD_REQUEST", "p2pmesh's peers take no bytes.", { peerId });
			if (isForIt && frame.kind === "routed" && frame.answers === void 0) answer(answerTo(frame, peerId, randomHex(16)));
		},
		read(message, take) {
			const frame = typeof message === "string" ? fromP2pmesh(message) : void 0;
			if (frame !== void 0) take(frame);
		}
	};
}
function toP2pmesh(peerId, frame, now) {
	if (frame.kind !== "direct" && frame.kind !== "routed" || frame.bytes) return void 0;
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
		return;
	}
}
function direct(payload) {
	return JSON.stringify({
		type: "direct",
		payload
	});
}
function gossip({ id, from, hops }, payload, now) {
	return JSON.stringify({
		type: "gossip",
		data: {
			id,
			topic: TOPIC,
			payload: isObject(payload) || Array.isArray(payload) ? JSON.stringify(payload) : payload,
			originPeerId: from,
			timestamp: now,
			hops: 16 - hops,
			relayedBy: [from]
		}
	});
}
function read(value) {
	if (!isObject(value)) return void 0;
	if (value.type === "direct" && value.payload !== void 0) return {
		kind: "direct",
		...encodeData(value.payload)
	};
	if (value.type !== "gossip" || !isObject(value.data)) return void 0;
	const { id, originPeerId, payload, hops } = value.data;
	if (payload === void 0) return void 0;
	const frame = {
		kind: "routed",
		id,
		from: originPeerId,
		hops: 16 - hops,
		...encodeData(readPayload(payload))
	};
	return isWithinBounds$1(frame) ? frame : void 0;
}
function readPayload(payload) {
	return typeof payload === "string" && /^[{[]/.test(payload) && parseJson(payload) || payload;
}
var TOPIC;
var init_p2pmesh = __esmMin((() => {
	init_errors();
	init_json();
	init_limits();
	init_frames$1();
	init_payload();
	init_routing();
	TOPIC = "broadcast";
}));
// client/webrtc/failure-texts.ts
var failure_texts_exports = /* @__PURE__ */ __exportAll({ textOf: () => textOf });
function textOf({ reason, withoutServers }) {
	const hint = withoutServers ? "; without a STUN or TURN server only peers of one network link up" : "";
	return TEXTS[reason] + hint;
}
var TEXTS;
var init_failure_texts = __esmMin((() => {
	TEXTS = {
		ice: "no path to it was found",
		timeout: "it did not answer in time",
		refused: "the browser makes no connection",
		description: "a session description was not accepted",
		"too-large": "the session description is too large for the server"
	};
}));
// client/mesh/peer.ts
init_data();
init_emitter();
init_errors();
init_heedless();
init_ids();
init_limits();
init_neighbour();
init_payload();
init_routing();
var Peer = class {
	environment;
	selfId;
	maxPeers;
	maxReceiveBytes;
	emitter = createEmitter();
	session;
	links;
	post;
	routing;
	extras;
	identity;
	neighbourhood;
	#ownIce;
	#roster;
	#neighbours = /* @__PURE__ */ new Map();
	#renewed = /* @__PURE__ */ new Set();
	#sentAt = /* @__PURE__ */ new Map();
	#ticks = 0;
	#iceServers;
	#draining;
	constructor(parts) {
		const { environment, peerId: selfId, maxPeers } = parts;
		this.#ownIce = parts.iceServers;
		this.environment = environment;
		this.selfId = selfId;
		this.maxPeers = maxPeers;
		this.maxReceiveBytes = parts.maxReceiveBytes;
		this.#iceServers = parts.iceServers ?? [];
		this.#roster = new Roster(this.emitter.emit);
		this.session = parts.openSession(this);
		this.links = new Links({
			environment,
			selfId,
			maxPeers,
			createLink: parts.createLink,
			iceServers: () => this.#iceServers,
			signaling: (peerId) => ({
				isUp: () => this.isPresent() || this.extras.started.overlay?.hears(peerId) === true,
				probe: () => this.session.probe()
			}),
			caller: () => ({
				island: this.root(),
				links: this.#neighbours.size
			}),
			send: (to, frame) => this.post.send(to, frame),
			admit: (caller, marks) => this.neighbourhood.admit(caller, marks)
		});
		this.post = new Post({
			send: (to, frame) => this.session.send(to, frame),
			receive: (from, frame) => this.links.receive(from, frame),
			failed: (to, error) => this.#drop(to, "failed", descriptionFailure(error))
		});
		const { emit } = this.emitter;
		const { links } = this;
		parts.identity?.then(({ start }) => {
			this.post.sealing = this.identity = start({
				...parts,
				links,
				post: this.post,
				roster: this.#roster,
				emit,
				enquire: (peerId) => this.findPeers(peerId),
				expel: this.giveUp
			});
		}, (error) => emit("error", error));
		this.routing = new Routing({
			environment,
			selfId,
			neighbours: () => this.peers(),
			tree: () => this.extras.started.tree,
			transmit: (to, frame) => this.transmit(to, frame),
			deliver: (message) => this.emitter.emit("message", message)
		});
		this.extras = new Extras(this);
		this.neighbourhood = new Neighbourhood(this);
		this.#hearSession();
		this.#hearLinks();
	}
	peers = () => {
		return [...this.#neighbours.keys()];
	};
	isPresent = () => {
		return this.session.state === "joined";
	};
	knowsOverlay = (peerId) => {
		const identity = this.#roster.identity(peerId);
		return identity === void 0 ? identity : identity !== "";
	};
	ours = () => {
		return [...this.#neighbours.values()].flatMap(({ ours, peerId }) => ours ? [peerId] : []);
	};
	root = () => {
		return this.extras.started.island?.root ?? [this.selfId, ...this.ours()].sort()[0];
	};
	leads = () => {
		return this.extras.started.island?.leads() ?? this.root() === this.selfId;
	};
	redundant = () => {
		return this.extras.started.island?.redundant() ?? [];
	};
	tick = () => {
		this.#ticks++;
		this.extras.started.island?.tick();
	};
	hasTree = () => {
		return this.extras.started.tree !== void 0;
	};
	signalWays = () => {
		return this.extras.started.overlay;
	};
	search = (act) => {
		this.extras.use("search", act);
	};
	hasEnough = () => this.links.open().length >= this.neighbourhood.fewest;
	giveUp = (peerId) => this.#drop(peerId, "broken");
	bridge(peerId, steps) {
		this.search((search) => search.asked(peerId, steps));
	}
	#hearSession() {
		const { on } = this.session;
		const { emit } = this.emitter;
		on("welcome", ({ peers, iceServers }, resumed) => {
			this.#iceServers = this.#ownIce ?? iceServers ?? [];
			const listed = this.#listed(peers);
			if (!resumed) this.neighbourhood.introduced(listed);
		});
		on("peerJoined", (...news) => this.#announced(...news));
		on("peerLeft", (peerId, at) => {
			if (!this.#roster.left(peerId, at) || this.#neighbours.has(peerId)) return;
			this.links.close(peerId);
			this.#gone(peerId);
		});
		on("frame", (from, frame) => this.post.receive(from, frame, "server"));
		on("undelivered", (peerId, { code }) => {
			if (code === "PEER_NOT_FOUND") this.#notFound(peerId);
		});
		on("state", (state) => {
			if (state === "joining") this.#start();
			if (state === "left") this.#stop();
			emit("state", state);
		});
		on("error", (error) => emit("error", error));
		on("traffic", (direction, frame) => emit("signaling", {
			direction,
			frame
		}));
	}
	#hearLinks() {
		const { on } = this.links;
		on("connect", (link) => this.#connected(link));
		on("disconnect", (peerId) => {
			this.#neighbours.delete(peerId);
			this.#sentAt.delete(peerId);
			this.emitter.emit("peer:disconnect", peerId);
		});
		on("end", (peerId, why, failure) => this.#ended(peerId, why, failure));
		on("refused", (peerId, alternatives) => this.neighbourhood.refused(peerId, alternatives));
		on("wanted", (peerId, awaits) => this.neighbourhood.met(peerId, !awaits));
		on("message", (peerId, message) => {
			this.#neighbours.get(peerId)?.read(message, (frame) => this.#receive(peerId, frame));
		});
	}
	#receive(via, frame) {
		switch (frame.kind) {
			case "beacon": return this.extras.use("island", (island) => island.receive(via, frame));
			case "bridge": return this.session.asked?.(frame.to, frame.steps) || this.bridge(frame.to, frame.steps);
			case "direct":
			case "routed": return this.routing.receive(via, frame);
			default: return this.extras.use(frame.kind, (part) => part.receive(via, frame));
		}
	}
	#connected(link) {
		const { peerId } = link;
		this.#neighbours.set(peerId, link.foreign ? this.#foreign(link) : ourNeighbour(link));
		this.#renewed.delete(peerId);
		if (this.post.sealing && !link.foreign) heedless(this.extras.get("overlay"));
		if (this.#neighbours.size > 1) for (const part of ["island", "tree"]) heedless(this.extras.get(part));
		this.neighbourhood.connected(peerId);
		if (!this.#neighbours.has(peerId)) return;
		this.#roster.connected(peerId);
		this.emitter.emit("peer:connect", peerId, this.identity?.keyOf(peerId));
	}
	#foreign(link) {
		const { peerId } = link;
		const language = loaded(Promise.resolve().then(() => (init_p2pmesh(), p2pmesh_exports))).then(({ p2pmeshLanguage }) => p2pmeshLanguage(link, this.environment, (answer) => this.routing.receive(peerId, answer)));
		language.catch((error) => {
			this.emitter.emit("error", error);
			this.links.close(peerId);
		});
		return p2pmeshNeighbour(peerId, language);
	}
	#drop(peerId, why, failure) {
		this.links.close(peerId);
		this.#ended(peerId, why, failure);
	}
	#ended(peerId, why, failure) {
		if (why === "failed") this.#tellFailed(peerId, failure ?? TIMEOUT);
		if (this.#roster.hasLeft(peerId)) this.#gone(peerId);
		else if (this.#renewed.delete(peerId)) this.#meet(peerId);
		else this.neighbourhood.ended(peerId);
	}
	async #tellFailed(peerId, failure) {
		const text = (await Promise.resolve().then(() => (init_failure_texts(), failure_texts_exports)).catch(() => void 0))?.textOf(failure) ?? failure.reason;
		this.emitter.emit("error", passing("LINK_FAILED", `No link to ${peerId}: ${text}.`, {
			...failure,
			peerId
		}));
	}
	#announced(...[peerId, at, identity]) {
		if (peerId === this.selfId) return;
		const news = this.#arrived(peerId, at, identity);
		if (news === "old") return;
		const link = this.links.get(peerId);
		if (news === "again" && link !== void 0) this.#renew(link);
		this.#meet(peerId);
	}
	#arrived(...[peerId, at, identity]) {
		const news = this.#roster.arrived(peerId, at, identity);
		if (news !== "old") this.identity?.named(peerId);
		return news;
	}
	#renew(link) {
		const { peerId } = link;
		const neighbour = this.#neighbours.get(peerId);
		if (neighbour?.ours) {
			this.#renewed.add(peerId);
			this.#closeIfDead(neighbour).then((wasDead) => wasDead && this.#meet(peerId));
		} else if (link.calling !== void 0) this.links.close(peerId);
	}
	async #closeIfDead(neighbour) {
		const { peerId } = neighbour;
		const answers = await this.routing.answers(peerId, 1e3);
		if (this.#neighbours.get(peerId) !== neighbour) return false;
		this.#renewed.delete(peerId);
		if (!answers) this.links.close(peerId);
		return !answers;
	}
	#meet(peerId) {
		this.neighbourhood.met(peerId, isKademliaId(this.selfId) || !isKademliaId(peerId));
	}
	async #notFound(peerId) {
		const neighbour = this.#neighbours.get(peerId);
		if (neighbour !== void 0 && !this.#roster.hasLeft(peerId)) {
			if (!(neighbour.ours && await this.#closeIfDead(neighbour))) return;
		}
		this.links.close(peerId);
		this.#gone(peerId);
	}
	#listed(peers) {
		return peers.flatMap(({ id, lastSeen, identity }) => id !== this.selfId && (this.#arrived(id, lastSeen, identity) !== "old" || this.#roster.isHere(id)) ? [id] : []);
	}
	#gone(peerId) {
		this.neighbourhood.gone(peerId);
		this.#roster.gone(peerId);
	}
	findPeers = async (target) => {
		return this.#listed(await this.session.findPeers({ target }));
	};
	transmit = (peerId, frame) => {
		const neighbour = this.#neighbours.get(peerId);
		if (neighbour === void 0) return unlinked();
		if ((frame.kind === "direct" || frame.kind === "routed") && frame.body.length > 0) this.#sentAt.set(peerId, this.#ticks);
		return neighbour.send(frame);
	};
	control = (peerIds, frame) => {
		for (const peerId of peerIds) heedless(this.transmit(peerId, frame));
	};
	reaches = async (peerId) => {
		if (this.#neighbours.has(peerId) || (await this.extras.started.overlay?.find(peerId))?.includes(peerId)) return true;
		return this.extras.get("ways").then((ways) => ways.reach(peerId).catch(() => false), () => true);
	};
	send(to, data, options) {
		const isRead = isBlob(data) || isStream(data);
		let payload;
		try {
			payload = isRead ? void 0 : encodeData(data, Number.POSITIVE_INFINITY);
		} catch (error) {
			return Promise.reject(error);
		}
		const latest = options?.latest;
		if ((options === void 0 || latest !== void 0) && payload !== void 0 && payload.body.length <= 1048576 && this.#neighbours.has(to) && !this.extras.started.transfer?.awaitsLink(to)) return this.transmit(to, {
			kind: "direct",
			latest,
			...payload
		});
		const own = payload && kept(payload);
		return this.extras.get("transfer").then((transfer) => transfer.send(to, data, own, options));
	}
	async broadcast(data, options) {
		const read = isBlob(data) ? await (await loaded(Promise.resolve().then(() => (init_blob(), blob_exports)))).readBlob(data, 1048576) : data;
		return this.routing.broadcast(kept(encodeData(read)), options?.latest);
	}
	async leave() {
		const least = this.#ticks - 4;
		const busy = [...this.#sentAt].flatMap(([peerId, at]) => at > least && this.links.get(peerId) || []);
		if (busy.length > 0 && this.#draining === void 0 && this.session.state !== "left") this.#drain(busy);
		await Promise.all([this.session.leave(), this.#draining?.done]);
	}
	close() {
		this.#endDrain();
		this.session.close();
	}
	#drain(links) {
		const answers = links.map(({ peerId }) => this.routing.answers(peerId, 5e3));
		this.#draining = {
			links,
			done: Promise.all(answers).then(() => this.#endDrain())
		};
	}
	#endDrain() {
		const { links = [] } = this.#draining ?? {};
		this.#draining = void 0;
		for (const link of links) if (this.links.get(link.peerId) === link) this.links.close(link.peerId);
		if (this.session.state === "left") this.#stop();
	}
	#start() {
		this.#endDrain();
		this.neighbourhood.open();
		this.routing.open();
	}
	#stop() {
		const kept = this.#draining?.links ?? [];
		this.neighbourhood.close();
		this.routing.close(kept.length > 0);
		for (const link of this.links.all()) if (!kept.includes(link)) this.links.close(link.peerId);
		if (kept.length === 0) this.#roster.clear();
	}
};
// client/data-faults.ts
var data_faults_exports = /* @__PURE__ */ __exportAll({ badRequest: () => badRequest });
function badRequest({ changed, cause }) {
	if (changed === void 0) return new MeshError("BAD_REQUEST", "Data must be bytes or JSON.", { cause });
	const place = changed.key === "" ? "" : ` (at ${JSON.stringify(changed.key.slice(0, 64))})`;
	return new MeshError("BAD_REQUEST", `${nameOf$2(changed)} cannot be sent${place}: data must be bytes, a Blob, a stream or JSON.`);
}
function nameOf$2({ given, value, isInList }) {
	if (bytesOf(given) ?? isBlob(given)) return "Bytes within other data";
	if (value === null && given !== null) return `An invalid ${tagOf(given)}`;
	if (value === void 0) return isInList ? "undefined in a list" : "undefined";
	const tag = tagOf(value);
	if (tag === "Number") return String(value);
	return withArticle(typeof value === "object" ? tag : typeof value);
}
var withArticle;
var init_data_faults = __esmMin((() => {
	init_data();
	init_errors();
	withArticle = (noun) => `${/^[AEIOU]/i.test(noun) ? "An" : "A"} ${noun}`;
}));
// client/mesh/mesh.ts
init_data();
init_errors();
init_heedless();
function explained(promise) {
	if (promise === DONE) return promise;
	return heedless(promise.catch(async (error) => {
		throw error instanceof BadData ? (await loaded(Promise.resolve().then(() => (init_data_faults(), data_faults_exports)))).badRequest(error) : error;
	}));
}
function assembleMesh(parts) {
	const { peerId, room } = parts;
	const peer = new Peer(parts);
	const { session, links, extras, emitter } = peer;
	const { on, off } = emitter;
	const join = async ({ links: fewest = 0 } = {}) => {
		await session.join();
		await ready({ links: fewest });
	};
	const ready = ({ links: fewest = 1 } = {}) => new Promise((resolve, reject) => {
		const look = () => {
			const isReady = peer.peers().length >= fewest;
			if (!isReady && session.state !== "left") return;
			for (const stop of stops) stop();
			if (isReady) resolve();
			else reject(left());
		};
		const stops = [on("peer:connect", look), on("state", look)];
		look();
	});
	const members = () => heedless(extras.get("members"));
	const listen = (add) => (name, listener) => {
		if (/^peer:(join|update|leave)$/.test(name)) members();
		return add(name, listener);
	};
	return {
		peerId,
		room,
		get state() {
			return session.state;
		},
		get region() {
			return session.region;
		},
		get peers() {
			return peer.peers();
		},
		get key() {
			return peer.identity?.key;
		},
		links: () => links.all().map(({ peerId, state, since }) => ({
			peerId,
			state,
			since,
			...peer.identity?.keyOf(peerId)
		})),
		members() {
			members();
			return extras.started.members?.list() ?? [];
		},
		setMetadata: (metadata) => explained(members().then((part) => part.setMetadata(metadata))),
		stats: async (peerId) => links.get(peerId)?.stats(),
		join: (options) => heedless(join(options)),
		ready: (options) => heedless(ready(options)),
		leave: () => heedless(peer.leave()),
		close: () => peer.close(),
		send: (to, data, options) => explained(peer.send(to, data, options)),
		broadcast: (data, options) => explained(peer.broadcast(data, options)),
		on: listen(on),
		once: listen(emitter.once),
		off
	};
}
// protocol/ids.ts
init_limits$1();
function isOwnerKey(value) {
	return typeof value === "string" && value.length >= 22 && value.length <= 128;
}
new RegExp(`^[0-9a-f]{40}$`);
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
	const ended = new AbortController();
	const listen = (target, event, listener) => target?.addEventListener?.(event, listener, ended);
	const page = globalThis.document;
	listen(globalThis, "online", callback);
	listen(globalThis, "pageshow", callback);
	listen(globalThis.navigator?.connection, "change", callback);
	listen(page, "visibilitychange", () => {
		if (page.visibilityState === "visible") callback();
	});
	return () => ended.abort();
}
// client/signaling/alarm.ts
function alarm(timers, ms, callback) {
	const start = timers.now();
	const startElapsed = timers.elapsed();
	const look = () => {
		const left = ms - Math.max(timers.elapsed() - startElapsed, timers.now() - start);
		if (left < 1) callback();
		else cancel = timers.after(Math.min(left, 3e4), look);
	};
	let cancel = timers.after(0, look);
	return () => cancel();
}
var init_alarm = __esmMin((() => {
	init_limits();
}));
// client/signaling/backoff.ts
function backoffLimit(failures) {
	return Math.min(3e4, 500 * 2 ** failures);
}
function backoff(failures, random) {
	return random() * backoffLimit(failures);
}
var init_backoff = __esmMin((() => {
	init_limits();
}));
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
			const call = {
				target: query.target,
				answered: settleBy(resolve)
			};
			calls.add(call);
			const cancel = timers.after(15e3, () => failed(passing("TIMEOUT", "The server does not answer.")));
			const id = outbox.post({
				...query,
				type: "find_peers"
			}, failed);
		}),
		answer(target, peers) {
			for (const call of calls) if (call.target === target) return call.answered(peers);
		}
	};
}
var init_calls = __esmMin((() => {
	init_errors();
	init_limits();
}));
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
var init_frames = __esmMin((() => {
	init_errors();
	init_ids();
	init_json();
}));
// client/signaling/liveness.ts
function createLiveness({ timers, intervalMs, ping, dead }) {
	let unanswered;
	let asked;
	let cancel = () => {};
	const after = (ms, callback) => {
		cancel();
		cancel = alarm(timers, ms, callback);
	};
	const ask = (timeoutMs = 1e4) => {
		if (asked) return;
		asked = true;
		ping();
		after(timeoutMs, dead);
	};
	const heard = () => {
		asked = unanswered = false;
		after(intervalMs, ask);
	};
	heard();
	return {
		heard,
		sent() {
			if (!asked && !unanswered) after(Math.min(intervalMs, 2e4), ask);
			unanswered = true;
		},
		probe: () => ask(2e3),
		stop: () => cancel()
	};
}
var init_liveness = __esmMin((() => {
	init_limits();
	init_alarm();
}));
// client/signaling/connection.ts
var OPEN, Connection;
var init_connection = __esmMin((() => {
	init_errors();
	init_json();
	init_limits();
	init_frames();
	init_liveness();
	OPEN = 1;
	Connection = class {
		#duties;
		#stage = "preparing";
		#socket;
		#join = {};
		#joins = 0;
		#heardAt = 0;
		#liveness;
		#cancelTimer = () => {};
		#early = [];
		constructor(duties) {
			this.#duties = duties;
			this.#expect("No token", 3e4);
			duties.prepare().then((preparation) => this.#open(preparation), (cause) => this.#end(passing("UNAUTHORIZED", "No token.", { cause })));
		}
		get stage() {
			return this.#stage;
		}
		get ready() {
			return this.#stage === "joined" && this.#isOpen() && (this.#socket?.bufferedAmount ?? 0) < 524288;
		}
		get joins() {
			return this.#joins;
		}
		get heardAt() {
			return this.#heardAt;
		}
		send(frame) {
			this.#write(frame);
			this.#liveness?.sent();
		}
		joinAgain(afterMs) {
			this.#wait(afterMs, () => this.#sendJoin());
		}
		probe() {
			this.#liveness?.probe();
		}
		retire() {
			this.#liveness?.stop();
			this.#wait(1e4, () => this.close());
		}
		close() {
			this.#stage = "ended";
			this.#cancelTimer();
			this.#liveness?.stop();
			this.#socket?.close();
		}
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
				this.#wait(2e3, done);
			});
		}
		#wait(ms, callback) {
			this.#cancelTimer();
			this.#cancelTimer = this.#duties.environment.timers.after(ms, callback);
		}
		#expect(what, ms = 15e3) {
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
			socket.onerror = () => {};
			socket.onclose = ({ code, reason }) => {
				const what = this.#stage === "opening" ? failure : "The connection ended";
				this.#end(passing("CLOSED", `${what}: ${code} ${reason}`));
			};
		}
		#opened() {
			this.#stage = "pausing";
			const { identity } = this.#duties;
			if (identity === void 0) return this.#pause();
			const complete = ({ key }) => {
				this.#join = {
					...this.#join,
					identity: key
				};
				this.#pause();
			};
			identity.then(complete, complete);
		}
		#pause() {
			if (this.#stage !== "pausing") return;
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
		#receiveAnswer(frame) {
			const { type, from } = frame;
			if (from === void 0 && type === "bootstrap_peers") this.#welcomed(frame);
			else if (from === void 0 && (type === "error" || type === void 0)) this.#duties.refused(this, errorOf(frame), retryAfterOf(frame));
			else if (type === "go_away") this.#end(passing("CLOSED", "The server goes away."));
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
}));
// client/signaling/dispatch.ts
function createDispatch(duties) {
	const { emit, outbox, calls } = duties;
	const refused = (connection, frame) => {
		const { code, id, requestType, to } = frame;
		let error = errorOf(frame);
		if (requestType === "join") return;
		if (code === "PEER_ID_TAKEN" && requestType === void 0) return duties.replaced(connection, error);
		const outlawed = [
			"NOT_JOINED",
			"ALREADY_JOINED",
			"UNAUTHORIZED"
		].includes(error.code);
		if (outlawed) {
			error = errorOf({
				...frame,
				retryable: true
			});
			duties.outlawed(connection, error);
		}
		const wait = retryAfterOf(frame);
		if (outbox.refused(id, error, wait) || outlawed) return;
		if (typeof to === "string" && !error.retryable) emit("undelivered", to, error);
		else emit("error", error);
	};
	const notice = (event, { peerId, at, identity }) => {
		if (isId(peerId)) emit(event, peerId, typeof at === "number" ? at : void 0, identity);
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
var init_dispatch = __esmMin((() => {
	init_ids();
	init_frames();
}));
// client/signaling/batch.ts
function isCandidate({ signal }) {
	return Object(signal).candidate !== void 0;
}
function pack(frames) {
	const signals = frames.map(({ signal }) => signal);
	return signals.length > 1 ? {
		type: "batched_signals",
		signals
	} : {
		type: "signal",
		signal: signals[0]
	};
}
var init_batch = __esmMin((() => {}));
// client/signaling/gathering.ts
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
			const bytes = sizeOf({
				...frame,
				to
			}) + ID_ROOM;
			if (bytes > 32e3) throw new MeshError("TOO_LARGE", `A frame may have 32000 bytes; got ${bytes}.`, { peerId: to });
			const gathers = isCandidate(frame);
			if (!gathers || (groups.get(to)?.bytes ?? 0) + bytes > 32e3 - BATCH_ROOM) release(to);
			if (!gathers) return hand(to, frame);
			const group = groups.get(to) ?? {
				frames: [],
				bytes: 0,
				cancel: timers.after(40, () => release(to))
			};
			group.frames.push(frame);
			group.bytes += bytes;
			groups.set(to, group);
		},
		end: () => [...groups.keys()].forEach(release)
	};
}
var ID_ROOM, BATCH_ROOM;
var init_gathering = __esmMin((() => {
	init_limits$1();
	init_errors();
	init_limits();
	init_batch();
	init_frames();
	ID_ROOM = 40;
	BATCH_ROOM = 1024;
}));
// client/signaling/join.ts
async function prepareJoin(identity, resumeKey) {
	const { peerId, ownerKey, room, token, tokenAt } = identity;
	const value = typeof token === "function" ? await token() : token;
	if (token !== void 0 && typeof value !== "string") throw new TypeError("A token is a string.");
	const early = tokenAt === "connect" && value !== void 0;
	return {
		protocols: early ? ["p2pmesh", `token.${value}`] : [],
		join: {
			type: "join",
			peerId,
			room,
			resumeKey,
			ownerKey,
			anyId: true,
			token: early ? void 0 : value
		}
	};
}
function mayJoinAgain({ code, retryable }, { welcomed, lostJoinAge, freshToken }) {
	switch (code) {
		case "NOT_JOINED":
		case "ALREADY_JOINED": return true;
		case "PEER_ID_TAKEN": return lostJoinAge !== void 0 && lostJoinAge < 66e4;
		case "UNAUTHORIZED": return welcomed && freshToken;
		case "INTERNAL": return welcomed;
		default: return retryable;
	}
}
var init_join = __esmMin((() => {
	init_limits();
}));
// client/signaling/outbox.ts
var Outbox;
var init_outbox = __esmMin((() => {
	init_errors();
	init_limits();
	init_backoff();
	init_frames();
	Outbox = class {
		#environment;
		#connection;
		#lastId = 0;
		#queue = [];
		#queuedBytes = 0;
		#sent = /* @__PURE__ */ new Map();
		#sentAt = Number.NEGATIVE_INFINITY;
		#resumeAt = 0;
		#pace = 0;
		#cancelTimer = () => {};
		#over;
		constructor(environment, connection) {
			this.#environment = environment;
			this.#connection = connection;
		}
		get sentAt() {
			return this.#sentAt;
		}
		post(content, failed) {
			const id = ++this.#lastId;
			const frame = {
				...content,
				id
			};
			const since = this.#now();
			this.#enqueue({
				id,
				frame,
				bytes: sizeOf(frame),
				since,
				failed,
				notBefore: 0,
				sends: 0,
				sentAt: 0
			});
			this.flush();
			return id;
		}
		settle(id) {
			this.#sent.delete(id);
			for (const entry of this.#queue.filter((other) => other.id === id)) this.#drop(entry);
		}
		flush() {
			this.#cancelTimer();
			this.#forgetOld();
			const now = this.#now();
			const via = this.#connection();
			let next = now + 3e4;
			for (const entry of this.#queue) {
				const late = entry.since + 3e4;
				const at = Math.max(entry.notBefore, this.#resumeAt, this.#sentAt + this.#pace);
				if (late <= now) {
					this.#drop(entry);
					this.#fail(entry, entry.refusal ?? passing("TIMEOUT", "Not sent in time."));
				} else if (at <= now && via?.ready) this.#give(entry, via);
				else next = Math.min(next, late, via === void 0 ? late : Math.max(at, now + 250 * Number(at <= now)));
			}
			if (this.#queue.length === 0) this.#pace = 0;
			else this.#cancelTimer = this.#environment.timers.after(next - now, () => this.flush());
		}
		refused(id, error, retryAfter) {
			const entry = this.#sent.get(id);
			if (entry === void 0) return false;
			const slower = error.code === "RATE_LIMITED";
			if (!error.retryable || !slower && entry.sends >= 5) {
				this.#sent.delete(id);
				this.#fail(entry, error);
				return true;
			}
			entry.refusal = error;
			if (slower) {
				this.#resumeAt = this.#now() + retryAfter;
				this.#pace = 100;
			}
			this.#again(entry, retryAfter + (slower ? 0 : backoff(entry.sends, this.#environment.random)));
			this.flush();
			return true;
		}
		lost(connection) {
			for (const entry of this.#sent.values()) {
				const doubtful = entry.sentAt >= connection.heardAt - 1e3 || entry.frame.to === void 0;
				if (entry.via === connection && doubtful) this.#again(entry, 0);
			}
			this.flush();
		}
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
			for (let [oldest] = this.#queue; oldest && this.#queuedBytes > 524288; [oldest] = this.#queue) {
				this.#drop(oldest);
				this.#fail(oldest, full());
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
				if (this.#now() - entry.sentAt < 3e4) break;
				this.#sent.delete(id);
			}
		}
	};
}));
// client/signaling/rollover.ts
function rollAfter({ timers, random }, welcome) {
	const { reconnectIn, reconnectBefore } = welcome;
	let left;
	if (typeof reconnectIn === "number") left = reconnectIn;
	else if (typeof reconnectBefore === "number") left = reconnectBefore - timers.now();
	else return void 0;
	const ms = left > 0 && left < 72e5 ? left : 69e5;
	return ms - random() * Math.min(ms / 10, 3e5);
}
var init_rollover = __esmMin((() => {
	init_limits$1();
	init_limits();
}));
// client/signaling/presence.ts
var Presence;
var init_presence = __esmMin((() => {
	init_errors();
	init_limits();
	init_alarm();
	init_backoff();
	init_calls();
	init_connection();
	init_dispatch();
	init_frames();
	init_gathering();
	init_join();
	init_outbox();
	init_rollover();
	Presence = class {
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
		#failures = 0;
		#lostJoinAt;
		#tokenRefused = false;
		#lastError;
		#resolveJoined = () => {};
		#rejectJoined = (_) => {};
		#closing = Promise.resolve();
		#cancelRetry = () => {};
		#cancelDeadline = () => {};
		#stopWaking = () => {};
		#cancelRoll = () => {};
		constructor(options, environment, emit, resumeKey) {
			this.#options = options;
			this.#environment = environment;
			this.#emit = emit;
			this.#resumeKey = resumeKey;
			this.joined = new Promise((resolve, reject) => {
				this.#resolveJoined = resolve;
				this.#rejectJoined = reject;
			});
			this.joined.catch(() => {});
			this.#outbox = new Outbox(environment, () => this.#sender());
			this.calls = createCalls(environment.timers, this.#outbox);
			this.gathering = createGathering(environment.timers, (to, frame) => {
				this.#outbox.post({
					...frame,
					to
				}, (error) => emit("undelivered", to, error));
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
		start(after) {
			const { timers, onWake } = this.#environment;
			this.#cancelDeadline = timers.after(3e4, () => this.#giveUp(new MeshError("TIMEOUT", "Not joined in time.", { cause: this.#lastError })));
			this.#stopWaking = onWake(() => this.#wake());
			this.#setState("joining");
			const begin = () => {
				if (this.#place.is !== "waiting") return;
				this.#place = {
					is: "away",
					next: void 0
				};
				this.#connect();
			};
			if (after === void 0) begin();
			else {
				this.#closing = after;
				after.then(begin);
			}
		}
		end(error = left(), now = false) {
			if (this.#place.is === "left") return this.#closing;
			this.#cancelRetry();
			this.#cancelDeadline();
			this.#stopWaking();
			this.#cancelRoll();
			const ending = [
				this.#closing,
				this.#next?.leave(now),
				this.#current?.leave(now)
			];
			this.#closing = Promise.all(ending).then(() => {});
			this.#place = { is: "left" };
			this.#setState("left");
			this.#outbox.end(left());
			this.gathering.end();
			this.#rejectJoined(error);
			return this.#closing;
		}
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
		#sender() {
			const stage = this.#next?.stage;
			return stage === "pausing" || stage === "joining" ? void 0 : this.#current;
		}
		#setState(state) {
			if (this.#state === state) return;
			this.#state = state;
			this.#emit("state", state);
		}
		#giveUp(error) {
			if (this.#place.is === "left") return;
			this.end(error);
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
					const quietAt = this.#outbox.sentAt + 2e3;
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
			this.#place = {
				...place,
				next
			};
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
		#judge() {
			const lasted = this.#welcomedAt !== void 0 && this.#elapsed() - this.#welcomedAt >= 6e4;
			this.#failures = lasted ? 0 : this.#failures + 1;
		}
		#lost(connection, error) {
			const next = this.#next;
			const moving = next?.stage === "joining";
			this.#place = moving ? {
				is: "moving",
				next
			} : {
				is: "away",
				next
			};
			this.#cancelRoll();
			this.#judge();
			if (next === void 0) this.#connectIn(this.#backoff(this.#failures));
			this.#outbox.lost(connection);
			if (!moving) this.#setState("reconnecting");
			this.#emit("error", error);
		}
		#failed(error, stage, waitMs = 0) {
			const current = this.#current;
			this.#place = current === void 0 ? {
				is: "away",
				next: void 0
			} : {
				is: "present",
				current,
				next: void 0
			};
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
			if (error.retryable && connection.joins < 4) return connection.joinAgain(wait);
			const lostJoinAt = this.#lostJoinAt;
			if (!mayJoinAgain(error, {
				welcomed: this.#welcomedAt !== void 0,
				lostJoinAge: lostJoinAt === void 0 ? void 0 : this.#elapsed() - lostJoinAt,
				freshToken: typeof this.#options.token === "function" && !this.#tokenRefused
			})) return this.#giveUp(error);
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
			this.#place = {
				is: "present",
				current: connection,
				next: void 0
			};
			this.#tokenRefused = false;
			this.#lostJoinAt = void 0;
			this.#welcomedAt = this.#elapsed();
			this.#cancelDeadline();
			this.#remember(frame);
			this.#setState("joined");
			const iceServers = Array.isArray(frame.iceServers) ? frame.iceServers : void 0;
			this.#emit("welcome", {
				peers: peersOf(frame),
				iceServers
			}, resumed);
			this.#resolveJoined();
			this.#outbox.flush();
		}
		#remember(frame) {
			if (typeof frame.resumeKey === "string") this.#resumeKey = frame.resumeKey;
			this.#cancelRoll();
			const ms = rollAfter(this.#environment, frame);
			if (ms === void 0) return;
			const leastMs = this.#failures === 0 ? 0 : backoffLimit(this.#failures);
			this.#cancelRoll = alarm(this.#environment.timers, Math.max(leastMs, ms), () => this.#connect());
		}
		#goAway(connection) {
			if (connection !== this.#current || this.#next !== void 0) return;
			this.#connectIn(this.#environment.random() * 2e3);
		}
		#replaced(connection, error) {
			if (connection === this.#current && this.#next?.stage !== "joining") this.#giveUp(error);
		}
		#outlawed(connection, error) {
			if (error.code === "UNAUTHORIZED" && typeof this.#options.token !== "function") return this.#giveUp(error);
			if (connection !== this.#current) return;
			connection.close();
			this.#lost(connection, error);
		}
	};
}));
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
var init_create_session = __esmMin((() => {
	init_emitter();
	init_presence();
}));
// client/signaling/url.ts
function signalingUrl(transportName, options) {
	const { stage, region } = options;
	const onAws = transportName === "aws-websocket";
	let url = onAws ? options.url : options.signalingServerUrl ?? options.url;
	if ([
		url,
		stage ?? "",
		region ?? ""
	].some((value) => typeof value !== "string")) return void 0;
	if (onAws && region && /^\w+$/.test(url)) url = `wss://${url}.execute-api.${region}.amazonaws.com${region.startsWith("cn-") ? ".cn" : ""}`;
	const parsed = parseUrl(url);
	if (parsed === void 0 || !/^wss?:$/.test(parsed.protocol)) return void 0;
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
		return;
	}
}
var init_url = __esmMin((() => {}));
// client/signaling/index.ts
var init_signaling = __esmMin((() => {
	init_create_session();
	init_url();
}));
// client/option-faults.ts
var option_faults_exports = /* @__PURE__ */ __exportAll({
	badOptionsOf: () => badOptionsOf,
	noObjects: () => noObjects,
	urlFault: () => urlFault
});
function describe$1([name, value]) {
	if (name === "rtcConfig") return `RTCPeerConnection refuses iceServers or rtcConfig: ${value}`;
	if (name === "regions") return String(value);
	if (name === "url") return urlFault(value);
	const got = name === "ownerKey" || name === "token" ? typeof value : isObject(value) ? "an object" : String(value);
	return `${name} must be ${RULES$1[name]}; got ${got}.`;
}
function urlFault({ transportName, stage = "", region = "", ...options }) {
	const onAws = transportName === "aws-websocket";
	const url = onAws ? options.url : options.signalingServerUrl ?? options.url;
	if (!url) return `A ${onAws ? "url" : "signalingServerUrl"} is needed.`;
	const wrong = [
		url,
		stage,
		region
	].find((value) => typeof value !== "string");
	if (wrong !== void 0) return `url, stage and region must be strings; got ${typeof wrong}.`;
	if (onAws && /^\w+$/.test(url) && !region) return `A region is needed with ${url}.`;
	return `A URL with ws: or wss: is needed; got ${url}.`;
}
function noObjects(values) {
	return badOptions(Object.entries(values).filter(([, value]) => !isObject(value)).map(([name, value]) => `${nameOf$1(name)} must be an object; got ${value}.`).join(" "));
}
function badOptionsOf(faults) {
	return badOptions(faults.map(describe$1).join(" "));
}
var ID, RULES$1, nameOf$1;
var init_option_faults = __esmMin((() => {
	init_errors();
	init_json();
	ID = "1 to 128 printable characters";
	RULES$1 = {
		WebSocket: "a class; Node.js before 22 has none, so pass the one of `ws`",
		webrtc: "an implementation: a browser's worker has none, and for Node.js there is `@roamhq/wrtc`",
		transportName: "aws-websocket or websocket",
		tokenAt: "join or connect",
		onIdTaken: "leave or new-id",
		peerId: ID,
		ownerKey: "22 to 128 characters",
		room: ID,
		maxPeers: "a whole number from 1",
		maxReceiveBytes: "a number of bytes from 0",
		heartbeatInterval: "ms from 1000",
		token: "a string or a function",
		signal: "an AbortSignal",
		iceServers: "a list"
	};
	nameOf$1 = (name) => name === "options" ? "The options" : name;
}));
// client/regions/rank.ts
function ranked(places, room) {
	return places.map((place) => ({
		place,
		weight: hash(`${place.id}\n${room}`)
	})).sort((a, b) => b.weight - a.weight || (a.place.id < b.place.id ? -1 : 1)).map(({ place }) => place);
}
function hash(text) {
	let sum = 2166136261;
	for (const byte of encodeText(text)) sum = Math.imul(sum ^ byte, 16777619);
	sum = Math.imul(sum ^ sum >>> 16, 2246822507);
	sum = Math.imul(sum ^ sum >>> 13, 3266489909);
	return (sum ^ sum >>> 16) >>> 0;
}
var init_rank = __esmMin((() => {
	init_json();
}));
// client/regions/read.ts
async function readRegions(options) {
	const { regions: given, home = "room", signalingServerUrl, transportOptions } = options;
	const faults = [];
	const isList = Array.isArray(given) && given.length >= 1 && given.length <= 8;
	if (!isList) faults.push(`regions must be a list of 1 to 8 URLs.`);
	if (!["room", "nearest"].includes(home)) faults.push(`home must be room or nearest; got ${describe(home)}.`);
	if (signalingServerUrl ?? transportOptions?.url ?? transportOptions?.signalingServerUrl) faults.push("regions takes the place of the server's URL: give one of them.");
	const regions = [];
	for (const [index, entry] of (isList ? given : []).entries()) {
		const region = await readRegion(entry);
		if (typeof region === "string") faults.push(`regions[${index}]: ${region}`);
		else if (regions.some(({ id }) => id === region.id)) faults.push(`regions names ${region.id} twice.`);
		else regions.push(region);
	}
	return faults.length > 0 ? faults.join(" ") : {
		regions,
		home
	};
}
async function readRegion(entry) {
	const fields = typeof entry === "string" ? { url: entry } : entry;
	if (!isObject(fields)) return `A URL or an object is needed; got ${describe(entry)}.`;
	const { name } = fields;
	if (name !== void 0 && (typeof name !== "string" || name === "")) return "name must be a text.";
	const transportName = "aws-websocket";
	const url = signalingUrl(transportName, fields);
	if (url === void 0) {
		const { urlFault } = await loaded(Promise.resolve().then(() => (init_option_faults(), option_faults_exports)));
		return urlFault({
			...fields,
			transportName
		});
	}
	const id = idOf(url);
	return {
		url,
		id,
		name: name ?? nameOf(id),
		mark: hash(id).toString(16).padStart(8, "0")
	};
}
function idOf(url) {
	const { hostname, port, pathname } = new URL(url);
	return `${hostname.replace(/\.$/, "")}${port && `:${port}`}${pathname.replace(/\/+$/, "")}`;
}
function nameOf(id) {
	const [host = id] = id.split("/");
	return /\.execute-api\.([\w-]+)\.amazonaws\./.exec(host)?.[1] ?? host;
}
function describe(value) {
	return isObject(value) ? "an object" : String(value);
}
var init_read = __esmMin((() => {
	init_errors();
	init_json();
	init_limits();
	init_url();
	init_rank();
}));
// client/regions/branch.ts
var Branch;
var init_branch = __esmMin((() => {
	Branch = class {
		region;
		session;
		use = "none";
		welcome = { peers: [] };
		constructor(region, session) {
			this.region = region;
			this.session = session;
		}
		get isJoined() {
			return this.session.state === "joined";
		}
		async enter(use) {
			this.use = use;
			await this.session.join();
		}
		async leave() {
			this.use = "none";
			await this.session.leave();
		}
	};
}));
// client/regions/doubts.ts
var Doubts;
var init_doubts = __esmMin((() => {
	init_bounded_map();
	init_chance();
	init_limits();
	Doubts = class {
		#options;
		#doubts = new BoundedMap(256);
		constructor(options) {
			this.#options = options;
		}
		raise(peerId) {
			this.settle(peerId);
			const doubt = {
				pause: 1e4,
				cancel: () => {}
			};
			this.#doubts.set(peerId, doubt);
			this.#look(peerId, doubt);
		}
		settle(peerId) {
			this.#doubts.get(peerId)?.cancel();
			this.#doubts.delete(peerId);
		}
		has(peerId) {
			return this.#doubts.has(peerId);
		}
		clear() {
			for (const peerId of [...this.#doubts.keys()]) this.settle(peerId);
		}
		async #look(peerId, doubt) {
			const { environment, reaches, gone } = this.#options;
			const isReached = await reaches(peerId);
			if (this.#doubts.get(peerId) !== doubt) return;
			if (isReached) {
				const ms = jittered(doubt.pause, environment.random);
				doubt.pause = Math.min(2 * doubt.pause, 6e5);
				doubt.cancel = environment.timers.after(ms, () => void this.#look(peerId, doubt));
				return;
			}
			this.#doubts.delete(peerId);
			gone(peerId);
		}
	};
}));
// client/regions/forwarding.ts
var Forwarding;
var init_forwarding = __esmMin((() => {
	init_bounded_map();
	init_limits();
	Forwarding = class {
		#options;
		#kept = new BoundedMap(64);
		constructor(options) {
			this.#options = options;
		}
		send(to, frame) {
			const { places, home, timers } = this.#options;
			const now = timers.elapsed();
			const known = this.#kept.get(to);
			const frames = (known?.frames ?? []).filter(({ at }) => now - at < 2e4).slice(-7);
			const kept = known !== void 0 && frames.length > 0 ? {
				...known,
				frames
			} : {
				frames,
				tried: /* @__PURE__ */ new Set(),
				isUnknown: !places.knows(to)
			};
			this.#kept.set(to, kept);
			frames.push({
				frame,
				at: now
			});
			const own = home();
			const there = places.of(to).filter(({ isJoined }) => isJoined);
			const via = own !== void 0 && (there.includes(own) || there.length === 0) && !kept.tried.has(own) ? own : there.find((branch) => branch !== own) ?? this.#next(to, kept) ?? own;
			if (via !== void 0) this.#hand(via, to, frame);
		}
		absent(to, branch) {
			const kept = this.#kept.get(to);
			if (kept === void 0) return false;
			kept.tried.add(branch);
			const next = this.#next(to, kept);
			if (next === void 0) {
				this.#kept.delete(to);
				return false;
			}
			const now = this.#options.timers.elapsed();
			for (const { frame, at } of kept.frames) if (now - at < 2e4) this.#hand(next, to, frame);
			return true;
		}
		clear() {
			this.#kept.clear();
		}
		#next(to, { tried, isUnknown }) {
			const { branches, places, visits } = this.#options;
			const there = places.of(to);
			return (isUnknown ? [...there, ...branches] : there).find((branch) => !tried.has(branch) && visits.mayVisit(branch));
		}
		#hand(branch, to, frame) {
			const { home, visits } = this.#options;
			const own = home();
			if (branch !== own && branch.use === "none") visits.enter(branch);
			visits.used(branch);
			const isDescribed = "sdp" in Object(frame.signal);
			const mark = branch !== own && own !== void 0 && isDescribed ? { region: own.region.mark } : {};
			branch.session.send(to, {
				...frame,
				...mark
			});
		}
	};
}));
// client/regions/lookout.ts
var LOOK, Lookout;
var init_lookout = __esmMin((() => {
	init_chance();
	init_ids();
	init_limits();
	LOOK = "look into ";
	Lookout = class {
		#options;
		#plans = /* @__PURE__ */ new Map();
		#askedAt = /* @__PURE__ */ new Map();
		#wasRoot = false;
		#cancel;
		constructor(options) {
			this.#options = options;
		}
		start(isAlone) {
			this.#wasRoot = true;
			this.#plan(isAlone ? 1e3 : 1e4);
			if (this.#cancel === void 0 || isAlone) this.#schedule();
		}
		stop() {
			this.#cancel?.();
			this.#cancel = void 0;
		}
		asked(to, steps) {
			if (!to.startsWith(LOOK)) return false;
			const branch = this.#options.branches.find(({ region }) => to === LOOK + region.mark);
			if (branch && this.#now() - (this.#askedAt.get(branch) ?? Number.NEGATIVE_INFINITY) < 3e4 && !this.#options.visits.hasFailed(branch, 3e4)) return true;
			if (branch !== void 0) this.#askedAt.set(branch, this.#now());
			if (branch !== void 0 && !this.#options.visits.hasFailed(branch, 3e4)) this.#look(branch, steps);
			else this.#pass(to, steps);
			return true;
		}
		#now() {
			return this.#options.environment.timers.elapsed();
		}
		#jittered(ms) {
			return jittered(ms, this.#options.environment.random);
		}
		#plan(ms) {
			for (const branch of this.#options.branches) this.#plans.set(branch, {
				at: this.#now() + this.#jittered(ms),
				pause: 1e4
			});
		}
		#schedule() {
			this.#cancel?.();
			const next = Math.min(...[...this.#plans.values()].map(({ at }) => at - this.#now()), 1e4);
			this.#cancel = this.#options.environment.timers.after(Math.max(next, 1e3), () => {
				this.#tick();
				this.#schedule();
			});
		}
		#tick() {
			const isRoot = this.#options.isRoot();
			if (isRoot && !this.#wasRoot) this.#plan(5e3);
			this.#wasRoot = isRoot;
			for (const [branch, plan] of this.#plans) {
				if (plan.at > this.#now() || branch === this.#options.home()) continue;
				plan.at = this.#now() + this.#jittered(plan.pause);
				plan.pause = Math.min(2 * plan.pause, 18e5);
				if (isRoot) this.#look(branch, 16);
			}
		}
		async #look(branch, steps) {
			await this.#options.visits.during(branch, async (isThere) => {
				if (!isThere) return this.#pass(LOOK + branch.region.mark, steps, steps === 16 ? 3 : 1);
				const found = await this.#list(branch);
				this.#options.found(found, branch);
				const stranger = await this.#stranger(found);
				if (stranger === void 0) return;
				const plan = this.#plans.get(branch);
				if (plan !== void 0) Object.assign(plan, {
					at: this.#now() + this.#jittered(1e4),
					pause: 1e4
				});
				this.#options.bridge(stranger);
			});
		}
		async #list({ use, session, welcome }) {
			const { environment, selfId } = this.#options;
			const target = environment.randomHex(40);
			return rotated((use === "visit" ? welcome.peers : await session.findPeers({ target }).catch(() => [])).flatMap(({ id }) => isId(id) && id !== selfId ? [id] : []), this.#options.environment.random);
		}
		async #stranger(peerIds) {
			for (const peerId of peerIds.slice(0, 3)) if (!await this.#options.reaches(peerId)) return peerId;
		}
		#pass(to, steps, count = 1) {
			const neighbours = rotated(this.#options.neighbours(), this.#options.environment.random);
			if (steps > 0) for (const next of neighbours.slice(0, count)) this.#options.ask(next, to, steps - 1);
		}
	};
}));
// client/regions/nearest.ts
async function byDistance(places, { WebSocket, timers }) {
	const tookMs = /* @__PURE__ */ new Map();
	await new Promise((resolve) => {
		const sockets = [];
		const end = () => {
			cancel();
			for (const socket of sockets) {
				socket.onclose = socket.onopen = socket.onmessage = null;
				socket.close();
			}
			resolve();
		};
		let cancel = timers.after(3e3, end);
		let left = places.length;
		const done = () => --left === 0 && end();
		for (const place of places) {
			let socket;
			try {
				socket = new WebSocket(place.region.url);
			} catch {
				done();
				continue;
			}
			sockets.push(socket);
			socket.onerror = () => {};
			socket.onclose = done;
			socket.onopen = () => {
				const sentAt = timers.elapsed();
				socket.send(JSON.stringify({ type: "ping" }));
				socket.onmessage = () => {
					if (tookMs.has(place)) return;
					tookMs.set(place, timers.elapsed() - sentAt);
					socket.onclose = null;
					if (tookMs.size === 1) {
						cancel();
						cancel = timers.after(250, end);
					}
					done();
				};
			};
		}
	});
	const timeOf = (place) => tookMs.get(place) ?? Number.POSITIVE_INFINITY;
	return [...places].sort((a, b) => timeOf(a) === timeOf(b) ? 0 : timeOf(a) - timeOf(b));
}
var init_nearest = __esmMin((() => {
	init_limits();
}));
// client/regions/news.ts
var News;
var init_news = __esmMin((() => {
	init_errors();
	init_ids();
	init_limits();
	News = class {
		#options;
		constructor(options) {
			this.#options = options;
		}
		hear(branch) {
			const { selfId, places, doubts, emit } = this.#options;
			const { on } = branch.session;
			on("peerJoined", (peerId, at, ...more) => {
				if (peerId === selfId) return;
				const number = places.joined(peerId, branch, at);
				if (number === void 0) return;
				doubts.settle(peerId);
				if (branch.use !== "visit") emit("peerJoined", peerId, number, ...more);
			});
			on("peerLeft", (peerId, at) => {
				if (places.left(peerId, branch, at)) doubts.raise(peerId);
			});
			on("frame", (from, frame) => this.#receive(branch, from, frame));
			on("undelivered", (to, error) => this.#undelivered(branch, to, error));
		}
		listed(peers, branch) {
			const { selfId, places, doubts } = this.#options;
			return peers.flatMap((peer) => {
				if (peer.id === selfId) return [];
				const lastSeen = places.joined(peer.id, branch, peer.lastSeen);
				if (lastSeen === void 0) return [];
				doubts.settle(peer.id);
				return [{
					...peer,
					lastSeen
				}];
			});
		}
		gone(peerId) {
			const { places, emit } = this.#options;
			emit("peerLeft", peerId, places.gone(peerId));
			emit("undelivered", peerId, new MeshError("PEER_NOT_FOUND", `Peer ${peerId} not found.`, { peerId }));
		}
		#receive(branch, from, frame) {
			const { branches, places, emit } = this.#options;
			places.learn(from, branch);
			const home = branches.find(({ region }) => region.mark === frame.region);
			if (home !== void 0) places.learn(from, home);
			const { alternativePeers } = frame;
			const others = Array.isArray(alternativePeers) ? alternativePeers.slice(0, 8).filter(isId) : [];
			for (const peerId of others) if (!places.knows(peerId)) places.learn(peerId, branch);
			emit("frame", from, frame);
		}
		#undelivered(branch, to, error) {
			const { places, doubts, forwarding, emit } = this.#options;
			if (branch.use === "none") return;
			if (error.code !== "PEER_NOT_FOUND") return emit("undelivered", to, error);
			const isNowhere = places.left(to, branch);
			if (!forwarding.absent(to, branch) && isNowhere) doubts.raise(to);
		}
	};
}));
// client/regions/places.ts
var Places;
var init_places = __esmMin((() => {
	init_bounded_map();
	init_limits();
	Places = class {
		#entries = new BoundedMap(4096);
		knows(peerId) {
			return this.#entries.has(peerId);
		}
		of(peerId) {
			return [...this.#entries.get(peerId)?.leases ?? []].flatMap(([branch, { isHere }]) => isHere ? [branch] : []);
		}
		learn(peerId, branch) {
			const { leases } = this.#enter(peerId);
			const at = leases.get(branch)?.at ?? Number.NEGATIVE_INFINITY;
			leases.set(branch, {
				at,
				isHere: true
			});
		}
		joined(peerId, branch, at) {
			const entry = this.#enter(peerId);
			const lease = entry.leases.get(branch);
			if (lease !== void 0 && at !== void 0 && (at < lease.at || at === lease.at && !lease.isHere)) return void 0;
			if (lease?.isHere && at !== void 0 && Number.isFinite(lease.at) && at > lease.at || entry.isGone) entry.number++;
			entry.isGone = false;
			entry.leases.set(branch, {
				at: at ?? lease?.at ?? Number.NEGATIVE_INFINITY,
				isHere: true
			});
			return entry.number;
		}
		left(peerId, branch, at) {
			const { leases } = this.#enter(peerId);
			const lease = leases.get(branch);
			if (lease !== void 0 && at !== void 0 && at < lease.at) return false;
			leases.set(branch, {
				at: at ?? lease?.at ?? Number.NEGATIVE_INFINITY,
				isHere: false
			});
			return !this.of(peerId).some(({ isJoined }) => isJoined);
		}
		gone(peerId) {
			const entry = this.#enter(peerId);
			entry.isGone = true;
			for (const [branch, { at }] of entry.leases) entry.leases.set(branch, {
				at,
				isHere: false
			});
			return entry.number;
		}
		clear() {
			this.#entries.clear();
		}
		#enter(peerId) {
			const entry = this.#entries.get(peerId) ?? {
				leases: /* @__PURE__ */ new Map(),
				number: 1,
				isGone: false
			};
			if (!this.#entries.has(peerId)) this.#entries.set(peerId, entry);
			return entry;
		}
	};
}));
// client/regions/seat.ts
var FINAL, Seat;
var init_seat = __esmMin((() => {
	init_limits();
	FINAL = [
		"UNAUTHORIZED",
		"FORBIDDEN",
		"PEER_ID_TAKEN",
		"BAD_REQUEST"
	];
	Seat = class {
		#options;
		#order = [];
		#home;
		#search;
		#refusals = /* @__PURE__ */ new Map();
		#strikes = 0;
		#returnedAt = Number.NEGATIVE_INFINITY;
		#timers = /* @__PURE__ */ new Map();
		constructor(options) {
			this.#options = options;
		}
		get home() {
			return this.#home;
		}
		start(order) {
			this.#order = order;
			this.#home = void 0;
			this.#refusals.clear();
			this.#strikes = 0;
			this.#returnedAt = Number.NEGATIVE_INFINITY;
			this.#seek();
		}
		stop() {
			for (const cancel of this.#timers.values()) cancel();
			this.#timers.clear();
			this.#search = void 0;
			this.#order = [];
		}
		welcomed(branch) {
			if (branch.use === "trial" && this.#search !== void 0) this.#found(branch);
		}
		failed(branch) {
			if (branch.use !== "trial") return;
			if (this.#search === void 0) this.#giveBack(branch);
			else if (branch === this.#search.trying) this.#next();
		}
		homeChanged(isJoined) {
			if (isJoined) {
				this.#cancel("failover");
				this.#endSearch();
			} else if (this.#search === void 0) {
				const other = this.#order.find(({ use, isJoined }) => use === "trial" && isJoined);
				const ms = 5e3 * (.67 + .66 * this.#options.environment.random());
				if (other === void 0) this.#after("failover", ms, () => this.#seek());
				else this.#adopt(other);
			}
		}
		#now() {
			return this.#options.environment.timers.elapsed();
		}
		#after(purpose, ms, act) {
			this.#cancel(purpose);
			this.#timers.set(purpose, this.#options.environment.timers.after(ms, act));
		}
		#cancel(purpose) {
			this.#timers.get(purpose)?.();
			this.#timers.delete(purpose);
		}
		#seek() {
			this.#cancel("return");
			this.#search = { trying: void 0 };
			this.#next();
		}
		#next() {
			if (this.#search === void 0) return;
			const { trying } = this.#search;
			const others = this.#order.filter((branch) => branch !== this.#home);
			const next = others[trying === void 0 ? 0 : others.indexOf(trying) + 1];
			if (next === void 0) return;
			this.#search.trying = next;
			this.#after("next", 3e3, () => this.#next());
			this.#try(next);
		}
		async #try(branch) {
			try {
				await branch.enter("trial");
			} catch (error) {
				if (branch.use === "trial") this.#refused(branch, error);
				return;
			}
			if (branch.use !== "trial") return;
			if (this.#search === void 0) this.#after("prove", 5e3, () => this.#proven(branch));
			else this.#found(branch);
		}
		#refused(branch, error) {
			branch.use = "none";
			if (this.#search === void 0) return this.#return(this.#order.indexOf(branch) + 1);
			const isFinal = FINAL.includes(error.code);
			if (isFinal && this.#home === void 0) {
				this.#refusals.set(branch, error);
				if (branch === this.#order[0] || error.code === "PEER_ID_TAKEN" || this.#refusals.size === this.#order.length) return this.#options.refused(error);
			}
			this.#after(`again ${branch.region.id}`, isFinal ? 6e4 : 3e3, () => {
				if (this.#search !== void 0 && branch.use === "none") this.#try(branch);
			});
			if (branch === this.#search.trying) this.#next();
		}
		#found(branch) {
			const isBetter = (other) => other === this.#home || other.use === "trial" && this.#order.indexOf(other) < this.#order.indexOf(branch);
			const better = this.#order.filter(isBetter);
			if (better.length === 0) return this.#adopt(branch);
			for (const { session } of better) session.probe();
			this.#after("grace", 1e3, () => {
				const best = this.#order.find(({ use, isJoined }) => use === "trial" && isJoined);
				if (best !== void 0) this.#adopt(best);
			});
		}
		#adopt(branch) {
			const old = this.#home;
			if (old?.isJoined) this.#returnedAt = this.#now();
			else this.#strikes = this.#now() - this.#returnedAt < 6e5 ? this.#strikes + 1 : 0;
			this.#home = branch;
			branch.use = "home";
			this.#cancel("failover");
			this.#endSearch();
			if (old?.isJoined) {
				old.use = "leaving";
				this.#options.environment.timers.after(3e3, () => {
					if (old.use === "leaving") old.leave();
				});
			} else old?.leave();
			this.#options.moved(branch);
			this.#returnLater();
		}
		#endSearch() {
			this.#search = void 0;
			for (const purpose of [...this.#timers.keys()]) if (/^(?:next|grace|again|prove)/.test(purpose)) this.#cancel(purpose);
			for (const branch of this.#order) if (branch.use === "trial") branch.leave();
			if (this.#home !== void 0) this.#returnLater();
		}
		#returnLater() {
			if (this.#home === this.#order[0] || this.#search !== void 0) return;
			const { random } = this.#options.environment;
			const ms = Math.min(1e4 * 2 ** this.#strikes, 6e5) * (.5 + random());
			this.#after("return", ms, () => this.#return(0));
		}
		#return(rank) {
			const branch = this.#order[rank];
			if (branch === void 0 || this.#search !== void 0) return;
			if (branch === this.#home) {
				this.#strikes++;
				return this.#returnLater();
			}
			this.#after("return", 11e3, () => void this.#giveBack(branch));
			this.#try(branch);
		}
		async #giveBack(branch) {
			if (branch.use !== "trial") return;
			this.#cancel("prove");
			const leaving = branch.leave();
			this.#return(this.#order.indexOf(branch) + 1);
			await leaving;
		}
		#proven(branch) {
			if (branch.use !== "trial") return;
			if (branch.isJoined) this.#adopt(branch);
			else this.#giveBack(branch);
		}
	};
}));
// client/regions/visits.ts
var Visits;
var init_visits = __esmMin((() => {
	init_limits();
	Visits = class {
		#options;
		#visits = /* @__PURE__ */ new Map();
		#endedAt = /* @__PURE__ */ new Map();
		#failedAt = /* @__PURE__ */ new Map();
		constructor(options) {
			this.#options = options;
		}
		mayVisit(branch) {
			const isOver = this.#age(this.#endedAt.get(branch)) >= 1e4;
			return branch.isJoined || branch.use === "visit" || branch.use === "none" && isOver;
		}
		hasFailed(branch, withinMs) {
			return this.#age(this.#failedAt.get(branch)) < withinMs;
		}
		async enter(branch) {
			if (branch.use !== "none" && branch.use !== "visit") return branch.isJoined;
			const visit = this.#visits.get(branch) ?? this.#begin(branch);
			visit.usedAt = this.#now();
			return visit.joined;
		}
		async during(branch, errand) {
			const entered = this.enter(branch);
			const visit = this.#visits.get(branch);
			if (visit !== void 0) visit.errands++;
			await errand(await entered);
			if (visit !== void 0) {
				visit.errands--;
				visit.usedAt = this.#now();
			}
		}
		failed(branch) {
			if (branch.use === "visit" && !branch.isJoined) this.#visits.get(branch)?.fail();
		}
		used(branch) {
			const visit = this.#visits.get(branch);
			if (visit !== void 0) visit.usedAt = this.#now();
		}
		#now() {
			return this.#options.environment.timers.elapsed();
		}
		#age(at = Number.NEGATIVE_INFINITY) {
			return this.#now() - at;
		}
		#begin(branch) {
			const { timers } = this.#options.environment;
			let fail = () => {};
			const joined = new Promise((resolve) => {
				const cancel = timers.after(5e3, () => fail());
				fail = () => {
					cancel();
					this.#failedAt.set(branch, this.#now());
					resolve(false);
					if (this.#visits.get(branch) === visit) this.#end(branch);
				};
				branch.enter("visit").then(() => {
					cancel();
					resolve(true);
				}, fail);
			});
			const visit = {
				since: this.#now(),
				usedAt: this.#now(),
				errands: 0,
				joined,
				fail: () => fail()
			};
			this.#visits.set(branch, visit);
			this.#watch(branch, visit);
			return visit;
		}
		#watch(branch, visit) {
			this.#options.environment.timers.after(1e3, () => {
				if (this.#visits.get(branch) !== visit) return;
				if (branch.use !== "visit") return void this.#visits.delete(branch);
				if (this.#age(visit.usedAt) >= 3e3 && visit.errands === 0 && !this.#options.isBusy(branch) || this.#age(visit.since) >= 4e4) this.#end(branch);
				else this.#watch(branch, visit);
			});
		}
		#end(branch) {
			this.#visits.delete(branch);
			this.#endedAt.set(branch, this.#now());
			if (branch.use === "visit") branch.leave();
		}
	};
}));
// client/regions/session.ts
var RegionalSession;
var init_session = __esmMin((() => {
	init_emitter();
	init_errors();
	init_heedless();
	init_limits();
	init_signaling();
	init_branch();
	init_doubts();
	init_forwarding();
	init_lookout();
	init_nearest();
	init_news();
	init_places();
	init_rank();
	init_seat();
	init_visits();
	RegionalSession = class {
		on;
		#emit;
		#environment;
		#host;
		#selfId;
		#isNearest;
		#branches;
		#places = new Places();
		#seat;
		#visits;
		#lookout;
		#doubts;
		#forwarding;
		#news;
		#state = "new";
		#joined;
		#cancelDeadline = () => {};
		#lastError;
		#hearsLinks = false;
		constructor({ regions, home }, options, environment, host) {
			const { on, emit } = createEmitter();
			this.on = on;
			this.#emit = emit;
			this.#environment = environment;
			this.#host = host;
			this.#selfId = options.peerId;
			this.#isNearest = home === "nearest";
			this.#branches = ranked(regions, options.room).map((region) => new Branch(region, createSession({
				...options,
				url: region.url
			}, environment)));
			const parts = {
				environment,
				timers: environment.timers,
				selfId: this.#selfId,
				branches: this.#branches
			};
			const reaches = (peerId) => host.reaches(peerId);
			const ownHome = () => this.#seat.home;
			this.#seat = new Seat({
				environment,
				moved: (to) => this.#moved(to),
				refused: (error) => this.#giveUp(error)
			});
			this.#visits = new Visits({
				environment,
				isBusy: (branch) => this.#isBusy(branch)
			});
			this.#doubts = new Doubts({
				environment,
				reaches,
				gone: (peerId) => this.#news.gone(peerId)
			});
			this.#forwarding = new Forwarding({
				...parts,
				places: this.#places,
				visits: this.#visits,
				home: ownHome
			});
			this.#news = new News({
				...parts,
				places: this.#places,
				doubts: this.#doubts,
				forwarding: this.#forwarding,
				emit
			});
			this.#lookout = new Lookout({
				...parts,
				visits: this.#visits,
				reaches,
				home: ownHome,
				isRoot: () => host.leads(),
				neighbours: () => host.ours(),
				ask: (neighbour, to, steps) => host.control([neighbour], {
					kind: "bridge",
					to,
					steps
				}),
				bridge: (peerId) => host.bridge(peerId, 16),
				found: (peerIds, branch) => {
					for (const peerId of peerIds) this.#places.learn(peerId, branch);
				}
			});
			for (const branch of this.#branches) {
				this.#hear(branch);
				this.#news.hear(branch);
			}
		}
		get state() {
			return this.#state;
		}
		get region() {
			return this.#seat.home?.region.name;
		}
		join() {
			return heedless(this.#join());
		}
		async #join() {
			if (this.#joined !== void 0) return this.#joined.promise;
			let resolve = () => {};
			let reject = (_) => {};
			const promise = new Promise((...settle) => {
				[resolve, reject] = settle;
			});
			const joined = {
				promise,
				resolve,
				reject
			};
			heedless(promise);
			this.#joined = joined;
			this.#listenToLinks();
			this.#cancelDeadline = this.#environment.timers.after(3e4, () => this.#giveUp(new MeshError("TIMEOUT", "Not joined in time.", { cause: this.#lastError })));
			this.#setState("joining");
			const branches = this.#branches;
			const order = this.#isNearest ? await byDistance(branches, this.#environment) : branches;
			if (this.#joined === joined) this.#seat.start(order);
			return promise;
		}
		async leave() {
			this.#end(new MeshError("CLOSED", "The mesh was left."));
			await Promise.all(this.#branches.map((branch) => branch.leave()));
		}
		close() {
			this.#end(new MeshError("CLOSED", "The mesh was left."));
			for (const branch of this.#branches) {
				branch.use = "none";
				branch.session.close();
			}
		}
		send(to, frame) {
			this.#forwarding.send(to, frame);
		}
		probe() {
			for (const { use, session } of this.#branches) if (use !== "none") session.probe();
		}
		async findPeers(query) {
			const { home } = this.#seat;
			const there = this.#places.of(query?.target ?? "").filter((branch) => branch !== home && branch.isJoined);
			const lists = [...home ? [home] : [], ...there].map(async (branch) => this.#news.listed(await branch.session.findPeers(query), branch));
			return (await Promise.all(lists)).flat();
		}
		asked(to, steps) {
			return this.#state === "joined" && this.#lookout.asked(to, steps);
		}
		#hear(branch) {
			const { on } = branch.session;
			on("welcome", (welcome, resumed) => {
				branch.welcome = welcome;
				if (branch === this.#seat.home) this.#welcome(branch, resumed);
				else this.#seat.welcomed(branch);
			});
			on("frame", () => this.#visits.used(branch));
			on("state", (state) => this.#changed(branch, state));
			on("error", (error) => this.#failed(branch, error));
			on("traffic", (direction, frame) => this.#emit("traffic", direction, frame));
		}
		#listenToLinks() {
			if (this.#hearsLinks) return;
			this.#hearsLinks = true;
			this.#host.links.on("disconnect", (peerId) => {
				const { home } = this.#seat;
				if (this.#state !== "left" && home && !this.#places.of(peerId).includes(home)) this.#doubts.raise(peerId);
			});
		}
		#changed(branch, state) {
			if (branch !== this.#seat.home || branch.use !== "home") return;
			if (state === "left") {
				this.#end(new MeshError("CLOSED", "The mesh was left."));
				for (const other of this.#branches) if (other !== branch) other.leave();
				return;
			}
			this.#setState(state);
			this.#seat.homeChanged(state === "joined");
		}
		#failed(branch, error) {
			this.#lastError = error;
			this.#seat.failed(branch);
			this.#visits.failed(branch);
			const isTold = this.#state === "joining" && branch.session.state !== "left";
			if (branch.use === "home" || isTold) this.#emit("error", error);
		}
		#setState(state) {
			if (this.#state === state) return;
			this.#state = state;
			this.#emit("state", state);
		}
		#moved(home) {
			this.#cancelDeadline();
			this.#setState("joined");
			this.#host.emitter.emit("region", home.region.name);
			this.#welcome(home, false);
			this.#joined?.resolve();
		}
		#welcome(home, resumed) {
			const peers = this.#news.listed(home.welcome.peers, home);
			this.#emit("welcome", {
				...home.welcome,
				peers
			}, resumed);
			if (!resumed) this.#lookout.start(peers.length === 0 && this.#host.peers().length === 0);
		}
		#isBusy(branch) {
			return this.#host.links.all().some(({ peerId, state }) => {
				return state !== "open" && this.#places.of(peerId).includes(branch);
			});
		}
		#giveUp(error) {
			if (this.#joined === void 0) return;
			this.#end(error);
			for (const branch of this.#branches) branch.leave();
			this.#emit("error", error);
		}
		#end(error) {
			const joined = this.#joined;
			if (joined === void 0 && this.#state !== "new") return;
			this.#joined = void 0;
			this.#cancelDeadline();
			this.#seat.stop();
			this.#lookout.stop();
			this.#doubts.clear();
			this.#places.clear();
			this.#forwarding.clear();
			this.#setState("left");
			joined?.reject(error);
		}
	};
}));
// client/regions/index.ts
var regions_exports = /* @__PURE__ */ __exportAll({ regionalSessions: () => regionalSessions });
async function regionalSessions(options) {
	const regions = await readRegions(options);
	if (typeof regions === "string") return regions;
	return (sessionOptions, environment, host) => new RegionalSession(regions, sessionOptions, environment, host);
}
var init_regions = __esmMin((() => {
	init_read();
	init_session();
}));
// client/identity/keys.ts
function isKeyLength(bytes) {
	return bytes in ALGORITHMS;
}
async function hashOf(raw) {
	const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", raw));
	return Array.from(hash.subarray(0, 20), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
function importKey(raw) {
	return crypto.subtle.importKey("raw", raw, ALGORITHMS[raw.length], false, ["verify"]);
}
function isSignature(key, signature, data) {
	return crypto.subtle.verify(algorithmOf(key), key, signature, data);
}
async function ownKey(given) {
	try {
		const pair = given ?? await crypto.subtle.generateKey(P256, false, ["sign", "verify"]);
		const raw = new Uint8Array(await crypto.subtle.exportKey("raw", pair.publicKey));
		const { privateKey } = pair;
		const sign = async (data) => new Uint8Array(await crypto.subtle.sign(algorithmOf(privateKey), privateKey, data));
		const probe = encodeText("probe");
		if (!(isKeyLength(raw.length) && await isSignature(await importKey(raw), await sign(probe), probe))) throw new TypeError("The keys are no pair.");
		return {
			hash: await hashOf(raw),
			raw,
			sign
		};
	} catch (cause) {
		throw new MeshError("BAD_OPTIONS", "keys must be an ECDSA P-256 or Ed25519 CryptoKeyPair to sign with.", { cause });
	}
}
function algorithmOf({ algorithm }) {
	return {
		name: algorithm.name,
		hash: "SHA-256"
	};
}
var P256, ALGORITHMS;
var init_keys = __esmMin((() => {
	init_limits$1();
	init_errors();
	init_json();
	P256 = {
		name: "ECDSA",
		namedCurve: "P-256"
	};
	ALGORITHMS = {
		65: P256,
		32: { name: "Ed25519" }
	};
}));
// client/identity/lanes.ts
function inLanes(sealing, post) {
	const lanes = /* @__PURE__ */ new Map();
	let opening = 0;
	const inOrder = (lane, work) => {
		const done = (lanes.get(lane) ?? Promise.resolve()).then(work);
		lanes.set(lane, done);
		done.then(() => {
			if (lanes.get(lane) === done) lanes.delete(lane);
		});
	};
	return {
		...sealing,
		send(to, frame) {
			inOrder(`>${to}`, async () => {
				try {
					post.hand(to, await sealing.seal(to, frame));
				} catch (error) {
					post.duties.failed(to, error);
				}
			});
		},
		receive(from, frame, way) {
			if (opening >= 256) return;
			opening++;
			inOrder(`<${from}`, async () => {
				const opened = await sealing.open(from, frame, way).catch(() => void 0);
				opening--;
				if (opened !== void 0) post.duties.receive(from, opened);
			});
		}
	};
}
var init_lanes = __esmMin((() => {
	init_limits();
}));
// client/identity/seal.ts
function bytesToSign({ room, from, to }, kind, n, content) {
	return encodeText(JSON.stringify([
		PURPOSE,
		room,
		from,
		to,
		kind,
		n,
		content
	], inOrder));
}
function inOrder(_name, value) {
	if (!isObject(value)) return value;
	return Object.fromEntries(Object.entries(value).sort(([a], [b]) => a < b ? -1 : 1));
}
function writeSeal({ key, n, signature }) {
	return {
		key: toText(key),
		n,
		sig: toText(signature)
	};
}
function readSeal(value) {
	if (!isObject(value)) return void 0;
	const { n } = value;
	const key = toBytes(value.key);
	const signature = toBytes(value.sig);
	if (!Number.isSafeInteger(n) || !isKeyLength(key.length) || signature.length !== 64) return void 0;
	return {
		key,
		n,
		signature
	};
}
function toText(bytes) {
	return btoa(String.fromCharCode(...bytes)).replace(/[+/=]/g, (letter) => ({
		"+": "-",
		"/": "_"
	})[letter] ?? "");
}
function toBytes(text) {
	if (typeof text !== "string" || text.length > MAX_TEXT || !/^[\w-]*$/.test(text)) return /* @__PURE__ */ new Uint8Array(0);
	try {
		const decoded = atob(text.replace(/-/g, "+").replace(/_/g, "/"));
		return Uint8Array.from(decoded, (letter) => letter.charCodeAt(0));
	} catch {
		return /* @__PURE__ */ new Uint8Array(0);
	}
}
var PURPOSE, MAX_TEXT;
var init_seal = __esmMin((() => {
	init_json();
	init_keys();
	PURPOSE = "p2pmesh-signaling signal 1";
	MAX_TEXT = 87;
}));
// client/identity/signals.ts
async function eachSignal(frame, change) {
	const { type, signal, signals } = frame;
	if (type !== "signal" && type !== "batched_signals") {
		const { to: _, from: __, id: ___, ...content } = frame;
		return await change("frame", content);
	}
	const values = type === "signal" ? [signal] : Array.isArray(signals) ? signals : [];
	const kept = [];
	for (const value of values.slice(0, 64)) {
		const changed = isObject(value) ? await change("signal", value) : void 0;
		if (changed !== void 0) kept.push(changed);
	}
	if (kept.length === 0) return void 0;
	return type === "signal" ? {
		...frame,
		signal: kept[0]
	} : {
		...frame,
		signals: kept
	};
}
var init_signals = __esmMin((() => {
	init_json();
	init_limits();
}));
// client/identity/pins.ts
var Pin, Pins;
var init_pins = __esmMin((() => {
	init_limits();
	Pin = class {
		key;
		vouched;
		imported;
		#seen = /* @__PURE__ */ new Set();
		#floor = Number.NEGATIVE_INFINITY;
		constructor(key, vouched, imported) {
			this.key = key;
			this.vouched = vouched;
			this.imported = imported;
		}
		isNew(n) {
			return n > this.#floor && !this.#seen.has(n);
		}
		note(n) {
			this.#seen.add(n);
			if (this.#seen.size <= 64) return;
			this.#floor = Math.min(...this.#seen);
			this.#seen.delete(this.#floor);
		}
	};
	Pins = class {
		#pins = /* @__PURE__ */ new Map();
		#hasLink;
		constructor(hasLink) {
			this.#hasLink = hasLink;
		}
		get(peerId) {
			return this.#pins.get(peerId);
		}
		set(peerId, pin) {
			this.#pins.delete(peerId);
			this.#pins.set(peerId, pin);
			if (this.#pins.size <= 256) return;
			for (const other of this.#pins.keys()) {
				if (other === peerId || this.#hasLink(other)) continue;
				this.#pins.delete(other);
				return;
			}
		}
		delete(peerId) {
			this.#pins.delete(peerId);
		}
	};
}));
// client/identity/verifier.ts
var Verifier;
var init_verifier = __esmMin((() => {
	init_bounded_map();
	init_errors();
	init_limiter();
	init_limits();
	init_keys();
	init_pins();
	init_seal();
	Verifier = class {
		#host;
		#verify;
		#pins;
		#checks;
		#meshChecks;
		#enquiries;
		#allEnquiries;
		#told;
		#verdicts = new BoundedMap(256);
		constructor(host, verify) {
			const { timers } = host.environment;
			this.#host = host;
			this.#verify = verify;
			this.#pins = new Pins((peerId) => host.links.get(peerId) !== void 0);
			this.#checks = new Limiter(timers, 64, 1e4);
			this.#meshChecks = new Limiter(timers, 512, 1e4);
			this.#enquiries = new Limiter(timers, 1, 1e4);
			this.#allEnquiries = new Limiter(timers, 6, 6e4);
			this.#told = new Limiter(timers, 1, 1e4);
		}
		keyOf(peerId) {
			const pin = this.#pins.get(peerId);
			return pin && {
				key: pin.key,
				vouched: pin.vouched
			};
		}
		named(peerId) {
			const pin = this.#pins.get(peerId);
			const told = this.#host.roster.identity(peerId);
			if (pin?.vouched === "mesh") {
				if (told === pin.key) pin.vouched = "server";
				else this.#unmask(peerId);
			} else if (pin?.vouched === "server" && told === "" && this.#host.links.get(peerId) === void 0) this.#pins.delete(peerId);
		}
		async takes(peerId, kind, { seal: written, ...content }, way) {
			if (peerId === this.#host.peerId) return false;
			if (written === void 0) return this.#takesUnsigned(peerId, way);
			const seal = readSeal(written);
			if (seal === void 0) return this.#refuse(peerId, "its seal has a wrong form");
			if (!this.#mayCheck(peerId, way)) return false;
			const key = await hashOf(seal.key);
			const known = this.#pins.get(peerId);
			if (known?.key === key && !known.isNew(seal.n)) return false;
			const vouched = this.#voucher(peerId, key, way) ?? await this.#voucherAfterEnquiry(peerId, key, way);
			if (vouched === void 0) return this.#refuse(peerId, "its key is not the one that is known");
			const pin = known?.key === key ? known : await this.#import(seal, key, vouched);
			const data = bytesToSign({
				room: this.#host.room,
				from: peerId,
				to: this.#host.peerId
			}, kind, seal.n, content);
			if (pin === void 0 || !await isSignature(pin.imported, seal.signature, data)) return this.#refuse(peerId, "its signature is wrong");
			if (this.#voucher(peerId, key, way) !== vouched) return false;
			return this.#note(peerId, pin, seal.n, vouched);
		}
		#takesUnsigned(peerId, way) {
			const hasKey = this.#pins.get(peerId) !== void 0 || Boolean(this.#host.roster.identity(peerId));
			if (way === "mesh" || hasKey) return this.#refuse(peerId, "it is not signed");
			return this.#verify === void 0 || this.#mayCheck(peerId, way) && this.#admits({ peerId });
		}
		#mayCheck(peerId, way) {
			return this.#checks.allows(`${way} ${peerId}`) && (way === "server" || this.#meshChecks.allows(""));
		}
		#voucher(peerId, key, way) {
			if (key === peerId) return "id";
			const told = this.#host.roster.identity(peerId);
			const pin = this.#pins.get(peerId);
			if (pin?.vouched === "id") return void 0;
			if (told) return told === key ? "server" : void 0;
			if (way === "mesh" && told === "") return void 0;
			if (pin === void 0 || pin.key === key) return way === "mesh" ? pin?.vouched ?? "mesh" : "server";
			return way === "server" && pin.vouched === "mesh" ? "server" : void 0;
		}
		async #voucherAfterEnquiry(peerId, key, way) {
			if (!(way === "server" && this.#pins.get(peerId)?.vouched !== "id") || !this.#enquiries.allows(peerId) || !this.#allEnquiries.allows("")) return void 0;
			await this.#host.enquire(peerId).catch(() => {});
			return this.#voucher(peerId, key, way);
		}
		async #import(seal, key, vouched) {
			const imported = await importKey(seal.key).catch(() => void 0);
			return imported && new Pin(key, vouched, imported);
		}
		#note(peerId, pin, n, vouched) {
			const known = this.#pins.get(peerId);
			if (known?.vouched === "mesh" && known !== pin) this.#unmask(peerId);
			pin.vouched = vouched;
			pin.note(n);
			this.#pins.set(peerId, pin);
			return this.#verify === void 0 || this.#admits({
				peerId,
				key: pin.key,
				vouched
			});
		}
		async #admits(peer) {
			const { peerId, key, vouched } = peer;
			const now = this.#host.environment.timers.elapsed();
			const verdict = this.#verdicts.get(peerId);
			const isSame = verdict?.peer.key === key && verdict?.peer.vouched === vouched;
			if (verdict && isSame && (verdict.good || now - verdict.at < 3e4)) return verdict.good;
			let cause;
			const good = await this.#ask(peer).catch((error) => {
				cause = error;
				return false;
			});
			this.#verdicts.set(peerId, {
				peer,
				good,
				at: now
			});
			if (good) return true;
			this.#refuse(peerId, "verify did not let it in", cause);
			this.#host.expel(peerId);
			return false;
		}
		async #ask(peer) {
			if (typeof this.#verify === "function") return await this.#verify(peer) === true;
			return peer.vouched === "id";
		}
		#unmask(peerId) {
			this.#pins.delete(peerId);
			this.#refuse(peerId, "the peer that the mesh knows by this id has another key");
			this.#host.expel(peerId);
		}
		#refuse(peerId, why, cause) {
			if (this.#told.allows(peerId)) {
				const details = {
					peerId,
					...cause !== void 0 && { cause }
				};
				this.#host.emit("error", new MeshError("UNPROVEN", `A signal of ${peerId} was refused: ${why}.`, details));
			}
			return false;
		}
	};
}));
// client/identity/index.ts
var identity_exports = /* @__PURE__ */ __exportAll({ createIdentity: () => createIdentity });
async function createIdentity({ keys, verify, peerId, onIdTaken } = {}) {
	if (globalThis.crypto?.subtle === void 0) throw badOptions("keys, verify and the peerId key need WebCrypto, which a page has with https or on localhost only.");
	if (verify !== void 0 && verify !== "key" && typeof verify !== "function") throw badOptions(`verify must be key or a function; got ${verify}.`);
	if (peerId === "key" && onIdTaken === "new-id") throw badOptions("onIdTaken must be leave with the peerId key: a new id would not be the key's hash.");
	const { hash: key, raw, sign } = await ownKey(keys);
	let last = 0;
	const start = (host) => {
		const { peerId: from, room, environment } = host;
		const verifier = new Verifier(host, verify);
		const sealed = async (to, kind, content) => {
			const n = last = Math.max(last + 1, environment.timers.now());
			const signature = await sign(bytesToSign({
				room,
				from,
				to
			}, kind, n, content));
			return {
				...content,
				seal: writeSeal({
					key: raw,
					n,
					signature
				})
			};
		};
		return {
			...inLanes({
				seal: (to, frame) => eachSignal(frame, (kind, content) => sealed(to, kind, content)).then((whole) => whole ?? frame),
				open: (peerId, frame, way) => eachSignal(frame, async (kind, content) => await verifier.takes(peerId, kind, content, way) ? content : void 0)
			}, host.post),
			key,
			keyOf: (peerId) => verifier.keyOf(peerId),
			named: (peerId) => verifier.named(peerId)
		};
	};
	return {
		key,
		start
	};
}
var init_identity = __esmMin((() => {
	init_errors();
	init_keys();
	init_lanes();
	init_seal();
	init_signals();
	init_verifier();
}));
// client/options.ts
init_errors();
init_ids();
init_json();
init_limits();
init_signaling();
const isFunction = (value) => typeof value === "function";
const oneOf = (...values) => (value) => values.includes(value);
const RULES = {
	WebSocket: isFunction,
	webrtc: isFunction,
	transportName: oneOf("aws-websocket", "websocket"),
	tokenAt: oneOf("join", "connect"),
	onIdTaken: oneOf("leave", "new-id"),
	peerId: isId,
	ownerKey: isOwnerKey,
	room: isId,
	maxPeers: (links) => Number.isInteger(links) && links >= 1,
	maxReceiveBytes: (bytes) => bytes >= 0,
	heartbeatInterval: (ms) => ms >= 1e3,
	token: (token) => [
		"string",
		"undefined",
		"function"
	].includes(typeof token),
	signal: (signal) => signal === void 0 || isFunction(signal?.addEventListener),
	iceServers: (servers) => servers === void 0 || Array.isArray(servers)
};
async function readOptions(options = {}) {
	const explain = () => loaded(Promise.resolve().then(() => (init_option_faults(), option_faults_exports)));
	const { transportName = "websocket", transportOptions = {}, token, signal } = Object(options);
	const { rtcConfig = {} } = Object(options);
	const objects = {
		options,
		transportOptions,
		rtcConfig
	};
	if (!Object.values(objects).every(isObject)) throw (await explain()).noObjects(objects);
	const iceServers = options.iceServers ?? rtcConfig.iceServers;
	const { heartbeatInterval = 24e4, tokenAt = "join" } = transportOptions;
	const { signalingServerUrl = options.signalingServerUrl } = transportOptions;
	const environment = defaultEnvironment({
		...options.webrtc,
		WebSocket: options.WebSocket
	});
	const { peerId = environment.randomHex(40), room = "default", maxPeers = 8 } = options;
	const { maxReceiveBytes = 268435456 } = options;
	const { ownerKey = environment.randomHex(32), onIdTaken = "leave" } = options;
	const settings = {
		environment,
		peerId,
		ownerKey,
		onIdTaken,
		room,
		maxPeers,
		maxReceiveBytes,
		token,
		tokenAt,
		heartbeatInterval,
		iceServers,
		rtcConfig,
		signal
	};
	const { WebSocket, RTCPeerConnection } = environment;
	const values = {
		...settings,
		WebSocket,
		webrtc: RTCPeerConnection,
		transportName
	};
	const faults = Object.keys(RULES).filter((name) => !RULES[name](values[name])).map((name) => [name, values[name]]);
	if (Array.isArray(iceServers) || iceServers === void 0 && options.rtcConfig !== void 0) {
		const refusal = refusalOf(RTCPeerConnection, {
			...rtcConfig,
			...iceServers && { iceServers }
		});
		if (refusal !== void 0) faults.push(["rtcConfig", refusal]);
	}
	const transport = {
		...transportOptions,
		transportName,
		signalingServerUrl
	};
	const openSession = options.regions ?? options.home ? await (await loaded(Promise.resolve().then(() => (init_regions(), regions_exports)))).regionalSessions(options) : createSession;
	const url = openSession === createSession ? signalingUrl(transportName, transport) : "";
	if (url === void 0) faults.push(["url", transport]);
	if (typeof openSession === "string") faults.push(["regions", openSession]);
	if (url === void 0 || typeof openSession === "string" || faults.length > 0) throw (await explain()).badOptionsOf(faults);
	const needsKeys = peerId === "key" || options.keys || options.verify;
	const identity = needsKeys || globalThis.crypto?.subtle ? loaded(Promise.resolve().then(() => (init_identity(), identity_exports))).then(({ createIdentity }) => createIdentity(options)) : void 0;
	identity?.catch(() => {});
	const own = needsKeys ? await identity : void 0;
	return {
		...settings,
		url,
		openSession,
		identity,
		peerId: peerId === "key" && own ? own.key : peerId
	};
}
function refusalOf(RTCPeerConnection, configuration) {
	try {
		if (RTCPeerConnection !== void 0) new RTCPeerConnection(configuration).close?.();
		return;
	} catch (error) {
		return error instanceof Error ? error.message : String(error);
	}
}
function takeFrame(from, mostBytes) {
	const { message, offset } = from;
	if (typeof message === "string") {
		from.offset = message.length;
		return message;
	}
	const end = offset + mostBytes;
	const isLast = end >= message.length;
	const frame = isLast && offset === 0 ? message : message.slice(offset, end);
	frame[0] = isLast ? 0 : 1;
	from.offset = isLast ? message.length : end - 1;
	return frame;
}
function createJoiner(limit, tooLarge) {
	let held = [];
	let length = 0;
	const join = () => {
		const whole = new Uint8Array(1 + length);
		let at = 1;
		for (const frame of held) {
			whole.set(frame.subarray(1), at);
			at += frame.length - 1;
		}
		return whole;
	};
	return { add(frame) {
		const mark = frame[0] ?? 2;
		if (mark > 1) return void 0;
		const isLast = mark === 0;
		length += frame.length - 1;
		if (length > limit) return tooLarge();
		held.push(frame);
		if (held.length > 1 && (isLast || held.length > 16 + length / 1024)) held = [join()];
		if (!isLast) return void 0;
		const [whole] = held;
		held = [];
		length = 0;
		return whole;
	} };
}
// client/webrtc/queue.ts
function createQueue() {
	let last;
	const queue = {
		first: void 0,
		push(entry) {
			if (last === void 0) queue.first = entry;
			else last.next = entry;
			last = entry;
		},
		shift() {
			queue.first = queue.first?.next;
			if (queue.first === void 0) last = void 0;
		}
	};
	return queue;
}
// client/webrtc/turns.ts
init_limits();
function createTurns(timers, raw, goOn) {
	let burst = 0;
	let burstAt = 0;
	let now = 0;
	let cancelTurn;
	let most = 0;
	const turn = () => {
		cancelTurn?.();
		cancelTurn = void 0;
		burst = 0;
		goOn();
	};
	const pause = (ms) => {
		raw.bufferedAmountLowThreshold = Math.max(0, Math.min(131072, raw.bufferedAmount - 1));
		cancelTurn ??= timers.after(ms, turn);
	};
	raw.onbufferedamountlow = () => {
		if (raw.bufferedAmountLowThreshold === 131072 || globalThis.document?.visibilityState === "hidden") turn();
	};
	const turns = {
		movedAt: timers.elapsed(),
		mayPut() {
			if (!(burst % 4)) now = timers.elapsed();
			const before = most;
			if (burst === 0 || most >= 524288) most = raw.bufferedAmount;
			const isFull = most >= 524288;
			if (!isFull || most < before) turns.movedAt = now;
			if (isFull || burst >= 2048 || burst > 0 && now - burstAt >= 8) {
				pause(isFull ? 4 : 0);
				return false;
			}
			if (burst++ === 0) {
				burstAt = now;
				pause(0);
			}
			return true;
		},
		put(bytes) {
			most += bytes;
		},
		stop: () => cancelTurn?.()
	};
	return turns;
}
// client/webrtc/sending.ts
init_errors();
init_heedless();
init_limits();
function createSending(timers, raw, mostBytes, dead) {
	const waiting = createQueue();
	let waitingBytes = 0;
	const latest = /* @__PURE__ */ new Map();
	let refusal;
	let closed = false;
	const put = (frame) => {
		try {
			raw.send(frame);
		} catch {
			if (!closed) dead();
		}
	};
	const pump = () => {
		for (let { first } = waiting; first !== void 0 && !closed && turns.mayPut(); {first} = waiting) {
			latest.delete(first.key);
			const frame = takeFrame(first, mostBytes);
			turns.put(frame.length);
			put(frame);
			if (first.offset < first.message.length || closed) continue;
			waiting.shift();
			waitingBytes -= first.cost;
			if (waitingBytes <= 2097152) refusal = void 0;
			first.settle?.();
		}
	};
	const turns = createTurns(timers, raw, pump);
	return {
		put,
		isStuck: (ms) => waiting.first !== void 0 && timers.elapsed() - turns.movedAt > ms,
		send(message, key) {
			if (closed) return unlinked();
			const older = key === void 0 ? void 0 : latest.get(key);
			const cost = message.length + 256;
			const bytes = waitingBytes + cost - (older?.cost ?? 0);
			const isFirst = waiting.first === void 0;
			if (!isFirst && bytes > 4194304) {
				refusal ??= full();
				return Promise.reject(refusal);
			}
			waitingBytes = bytes;
			if (older !== void 0) {
				older.message = message;
				older.cost = cost;
				return older.taken;
			}
			const entry = {
				message,
				offset: 0,
				key,
				cost
			};
			if (key !== void 0) latest.set(key, entry);
			waiting.push(entry);
			if (isFirst) {
				pump();
				if (closed) return unlinked();
				if (!waiting.first) return DONE;
				turns.movedAt = timers.elapsed();
			}
			entry.taken = new Promise((resolve) => {
				entry.settle = resolve;
			});
			return entry.taken;
		},
		close() {
			closed = true;
			turns.stop();
			for (let { first } = waiting; first !== void 0; {first} = waiting) {
				waiting.shift();
				first.settle?.(unlinked());
			}
		}
	};
}
// client/webrtc/channel.ts
init_data();
init_json();
init_limits();
function createChannel({ timers }, raw, framed, mostBytes, events) {
	const joiner = createJoiner(1052672, () => die());
	let closed = false;
	let heardAt = timers.elapsed();
	let heard = false;
	let silent = false;
	let cancelWait;
	let isAsking = false;
	const close = () => {
		closed = true;
		stopChecking();
		cancelWait?.();
		sending.close();
	};
	const die = () => {
		if (closed) return;
		close();
		events.dead();
	};
	const sending = createSending(timers, raw, mostBytes, die);
	const check = () => {
		const now = timers.elapsed();
		if (heard) heardAt = now - 5e3;
		heard = false;
		const silentMs = now - heardAt;
		if ((sending.isStuck(4e4) || framed && silentMs > 4e4) && events.replaceable()) return die();
		stopChecking = timers.after(5e3, check);
		if (framed && silentMs >= 15e3) sending.put(Uint8Array.of(2));
	};
	const receiveText = (text) => {
		if (!framed && text.length <= 1048576) events.message(text);
	};
	let stopChecking = timers.after(5e3, check);
	raw.onmessage = ({ data }) => {
		if (closed) return;
		heard = true;
		cancelWait?.();
		cancelWait = void 0;
		isAsking = silent = false;
		if (typeof data === "string") return receiveText(data);
		const frame = bytesOf(data);
		if (frame === void 0) return;
		if (!framed) return receiveText(decodeText(frame));
		if (frame[0] === 2 && raw.bufferedAmount < 524288) sending.put(Uint8Array.of(3));
		const message = joiner.add(frame);
		if (message !== void 0) events.message(message);
	};
	const wait = (ms, then) => {
		cancelWait?.();
		cancelWait = timers.after(ms, () => {
			cancelWait = void 0;
			then();
		});
	};
	const probe = (unanswered) => {
		if (!framed || closed || isAsking) return;
		isAsking = true;
		sending.put(Uint8Array.of(2));
		wait(1500, () => {
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
		send(message, key) {
			if (framed && !closed && cancelWait === void 0) wait(500, () => {
				if (raw.bufferedAmount < 131072) probe(events.unheard);
			});
			return sending.send(message, key);
		}
	};
}
// client/webrtc/repair.ts
var repair_exports = /* @__PURE__ */ __exportAll({ createRepair: () => createRepair });
function createRepair({ timers, connection, role, signaling, ...duties }) {
	let path = { name: "whole" };
	const enter = (next) => {
		if (path.name !== "whole") path.cancel();
		path = next;
	};
	const wait = (leftMs, toldAt) => enter({
		name: "restarting",
		cancel: timers.after(2500, judge),
		toldAt,
		leftMs
	});
	const restart = (leftMs = 1e4) => {
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
		const leftMs = path.leftMs - (isUp ? 2500 : 0);
		if (leftMs <= 0) return duties.giveUp();
		wait(leftMs, isUp ? timers.elapsed() : path.toldAt);
		if (isUp) duties.repeat();
	};
	const broke = () => {
		if (path.name !== "restarting") restart();
	};
	const suspect = () => enter({
		name: "doubtful",
		cancel: timers.after(500, look)
	});
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
				const patienceMs = role === "caller" ? 2e3 : 4e3;
				enter({
					name: "doubtful",
					cancel: timers.after(patienceMs, restart)
				});
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
			if (timers.elapsed() - path.toldAt >= 1250) restart(path.leftMs);
		},
		close: () => enter({ name: "whole" })
	};
}
var init_repair = __esmMin((() => {
	init_limits();
}));
// client/webrtc/late-repair.ts
function lateRepair(duties) {
	let part;
	let closed = false;
	const { connection } = duties;
	return {
		get part() {
			return part;
		},
		load() {
			return Promise.resolve().then(() => (init_repair(), repair_exports)).then(({ createRepair }) => {
				if (closed) return;
				part = createRepair(duties);
				part.watch();
			}, () => {});
		},
		watch() {
			if (part !== void 0) part.watch();
			else if (/failed|closed/.test(connection.connectionState)) duties.giveUp();
		},
		close() {
			closed = true;
			part?.close();
		}
	};
}
// client/webrtc/negotiation.ts
init_limits();
function createNegotiation(duties) {
	const { connection } = duties;
	let local = { name: "none" };
	let described = false;
	let round = 0;
	let closed = false;
	let work = Promise.resolve();
	const step = (run) => {
		work = work.then(() => closed ? void 0 : run()).catch((error) => {
			if (!closed) duties.failed(error);
		});
	};
	const tell = (type, ofRound) => {
		const sdp = connection.localDescription?.sdp ?? "";
		local = {
			name: "sent",
			sdp
		};
		duties.send({
			type,
			sdp,
			round: ofRound
		});
	};
	const describe = async (type, iceRestart, ofRound) => {
		if (iceRestart) connection.setConfiguration(duties.configuration());
		local = { name: "gathering" };
		await connection.setLocalDescription(await (type === "offer" ? connection.createOffer({ iceRestart }) : connection.createAnswer()));
		await gathered(duties, iceRestart);
		if (!closed) tell(type, ofRound);
	};
	const addCandidate = ({ candidate }) => {
		connection.addIceCandidate(candidate).catch(() => {});
	};
	const apply = async ({ type, sdp }) => {
		await connection.setRemoteDescription({
			type,
			sdp
		});
		described = true;
		for (const candidate of duties.early()) addCandidate(candidate);
	};
	connection.onicecandidate = ({ candidate }) => {
		if (local.name !== "sent" || closed || !candidate?.candidate || isPartOf(local.sdp, candidate)) return;
		duties.send({
			type: "candidate",
			candidate: candidate.toJSON()
		});
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
			closed = true;
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
		const cancel = timers.after(150, resolve);
		connection.onicegatheringstatechange = () => {
			if (connection.iceGatheringState !== "complete") return;
			cancel();
			resolve();
		};
	});
}
// client/webrtc/stats.ts
var stats_exports = /* @__PURE__ */ __exportAll({ readStats: () => readStats });
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
var init_stats = __esmMin((() => {}));
// client/webrtc/attempt.ts
init_errors();
init_limits();
const LABEL = "p2pmesh";
function createLife(connection, events, cancelDeadline) {
	let state = {
		name: "connecting",
		cancelDeadline
	};
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
		hold(one) {
			held.push(one);
			return one;
		},
		open(channel) {
			if (state.name === "connecting") state.cancelDeadline();
			state = {
				name: "open",
				channel
			};
			events.open();
		},
		close,
		left: () => end(events.left),
		fail: (failure) => end(() => events.failed(failure))
	};
}
function createAttempt(options, id, role, events) {
	const { environment, signaling } = options;
	const { timers } = environment;
	const configuration = () => ({
		...options.rtcConfig,
		iceServers: [...options.iceServers()]
	});
	const connection = new environment.RTCPeerConnection(configuration());
	const whyUnlinked = diagnose(connection, options);
	const life = createLife(connection, events, timers.after(15e3, () => life.fail(whyUnlinked())));
	let foreign = id === void 0;
	let raw;
	const negotiation = life.hold(createNegotiation({
		timers,
		connection,
		configuration,
		early: () => options.earlyCandidates(id),
		send: events.signal,
		failed: (error) => life.fail(descriptionFailure(error))
	}));
	const ask = () => events.signal({ type: "renegotiate" });
	const check = () => {
		if (life.state.name === "open") life.state.channel.probe(() => repair.part?.broke());
	};
	const repair = life.hold(lateRepair({
		timers,
		connection,
		role,
		signaling,
		possible: () => life.state.name === "open" && !foreign,
		restart: role === "caller" ? () => negotiation.offer(true) : ask,
		repeat: role === "caller" ? negotiation.repeat : ask,
		isSilent: () => life.state.name === "open" && life.state.channel.silent,
		check,
		giveUp: () => life.fail(whyUnlinked())
	}));
	const use = (given) => {
		raw = life.hold(given);
		const open = () => {
			if (life.state.name !== "connecting") return;
			const mostBytes = Math.min(262144, connection.sctp?.maxMessageSize || 65536);
			life.open(createChannel(environment, given, !foreign, mostBytes, {
				message: events.message,
				dead: () => life.fail(TIMEOUT),
				unheard: () => repair.part?.doubt(),
				replaceable: signaling.isUp
			}));
			repair.load();
		};
		watchChannel(given, open, life.left);
	};
	const receive = (signal) => {
		if (signal.type === "candidate") return negotiation.add(signal);
		if (role === "caller" && signal.type === "renegotiate") repair.part?.again();
		else if (role === "called" && signal.type === "offer") negotiation.answer(signal, life.state.name === "open");
		else if (role === "caller" && signal.type === "answer") negotiation.complete(signal, () => {
			foreign = signal.attempt === void 0;
		});
		return true;
	};
	connection.onconnectionstatechange = repair.watch;
	if (role === "caller") {
		use(connection.createDataChannel(LABEL));
		negotiation.offer(false);
	} else connection.ondatachannel = ({ channel }) => raw === void 0 ? use(channel) : channel.close();
	return {
		id,
		role,
		close: life.close,
		receive,
		get foreign() {
			return foreign;
		},
		send: (message, key) => life.state.name === "open" ? life.state.channel.send(message, key) : void 0,
		stats: async () => (await loaded(Promise.resolve().then(() => (init_stats(), stats_exports)))).readStats(connection),
		probe: () => connection.connectionState === "connected" ? check() : repair.part?.again()
	};
}
function watchChannel(raw, opened, closed) {
	raw.binaryType = "arraybuffer";
	raw.onclose = closed;
	raw.onopen = opened;
	if (raw.readyState === "open") opened();
}
function diagnose(connection, { iceServers }) {
	let cause;
	connection.onicecandidateerror = ({ url, errorCode, errorText }) => {
		cause = /* @__PURE__ */ new Error(`${url}: ${errorCode} ${errorText}`);
	};
	return () => {
		if (connection.remoteDescription === null) return TIMEOUT;
		return {
			reason: "ice",
			withoutServers: iceServers().length === 0,
			...cause && { cause }
		};
	};
}
// client/webrtc/link.ts
init_limits();
function createPhase(timers, events) {
	let state = { name: "idle" };
	let since = timers.now();
	let made = timers.elapsed();
	return {
		get state() {
			return state;
		},
		get since() {
			return since;
		},
		get age() {
			return state.name === "open" ? 0 : timers.elapsed() - made;
		},
		get attempt() {
			return "attempt" in state ? state.attempt : void 0;
		},
		get calling() {
			return state.name === "attempting" && state.attempt.role === "caller" ? state.attempt.id : void 0;
		},
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
			made = timers.elapsed();
			if (isOpen) events.connect();
			else events.disconnect();
		}
	};
}
const createLink = (options, events) => {
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
		if (tries >= 3) return end("failed", failure);
		const pauseMs = environment.random() * 2e3 * 2 ** (tries - 1);
		enter({
			name: "pausing",
			cancelRetry: environment.timers.after(pauseMs, call)
		});
	};
	const begin = (id, role) => {
		phase.stop();
		enter({ name: "idle" });
		if (isEnded()) return;
		try {
			const attempt = createAttempt(options, id, role, {
				signal: (signal) => events.signal({
					...signal,
					attempt: id,
					..."sdp" in signal && options.marks()
				}),
				open: () => enter({
					name: "open",
					attempt
				}),
				message: events.message,
				left: () => phase.state.name === "open" ? end("left") : failed(TIMEOUT),
				failed
			});
			enter({
				name: "attempting",
				attempt
			});
		} catch (error) {
			failed({
				reason: "refused",
				cause: error
			});
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
		get age() {
			return phase.age;
		},
		get foreign() {
			return phase.attempt?.foreign ?? false;
		},
		get calling() {
			return phase.calling;
		},
		call,
		receive,
		send: (message, key) => phase.attempt?.send(message, key),
		stats: () => phase.attempt?.stats(),
		close() {
			if (isEnded()) return;
			stopListening();
			phase.stop();
			enter({ name: "ended" });
		}
	};
};
// client/new-id.ts
var new_id_exports = /* @__PURE__ */ __exportAll({ meshWithNewIds: () => meshWithNewIds });
function meshWithNewIds(open, randomHex) {
	const { on, once, off, emit } = createEmitter();
	let mesh = adopt();
	let unproven = false;
	let metadata;
	function adopt(peerId) {
		const next = open(peerId);
		for (const name of Object.keys(FORWARDED)) next.on(name, (...values) => hear(next, name, values));
		return next;
	}
	function hear(from, name, values) {
		if (name === "state" && from.state === "joined") unproven = false;
		if (name === "state" && from.state === "left") return queueMicrotask(() => from === mesh && emit(name, ...values));
		const [error] = name === "error" ? values : [];
		if (error?.code === "PEER_ID_TAKEN" && from.state === "left" && !unproven) renew();
		else emit(name, ...values);
	}
	function renew() {
		const { peerId: former } = mesh;
		unproven = true;
		mesh = adopt(randomHex(NEW_ID_DIGITS));
		emit("id", mesh.peerId, former);
		if (metadata !== void 0) mesh.setMetadata(metadata);
		mesh.join();
	}
	async function ask(call) {
		for (;;) {
			const asked = mesh;
			try {
				return await call(asked);
			} catch (error) {
				if (asked === mesh) throw error;
			}
		}
	}
	return {
		get peerId() {
			return mesh.peerId;
		},
		get room() {
			return mesh.room;
		},
		get key() {
			return mesh.key;
		},
		get state() {
			return mesh.state;
		},
		get region() {
			return mesh.region;
		},
		get peers() {
			return mesh.peers;
		},
		links: () => mesh.links(),
		members: () => mesh.members(),
		async setMetadata(given) {
			await mesh.setMetadata(given);
			metadata = given;
		},
		stats: (...of) => mesh.stats(...of),
		join: (options) => heedless(ask((asked) => asked.join(options))),
		ready: (options) => heedless(ask((asked) => asked.ready(options))),
		leave: () => mesh.leave(),
		close: () => mesh.close(),
		send: (...message) => mesh.send(...message),
		broadcast: (...message) => mesh.broadcast(...message),
		on,
		once,
		off
	};
}
var FORWARDED, NEW_ID_DIGITS;
var init_new_id = __esmMin((() => {
	init_emitter();
	init_heedless();
	FORWARDED = {
		"peer:connect": true,
		"peer:disconnect": true,
		"peer:discovered": true,
		"peer:gone": true,
		"peer:join": true,
		"peer:update": true,
		"peer:leave": true,
		message: true,
		region: true,
		transfer: true,
		state: true,
		signaling: true,
		error: true
	};
	NEW_ID_DIGITS = 40;
}));
// client/with-signal.ts
var with_signal_exports = /* @__PURE__ */ __exportAll({ withSignal: () => withSignal });
function withSignal(mesh, signal) {
	const aborted = () => new MeshError("ABORTED", "Aborted.", { cause: signal.reason });
	const leave = () => void mesh.leave();
	mesh.on("state", (state) => {
		if (state === "joining") signal.addEventListener("abort", leave);
		if (state === "left") signal.removeEventListener("abort", leave);
	});
	const join = mesh.join.bind(mesh);
	const joinUnlessAborted = async (options) => {
		if (signal.aborted) throw aborted();
		await join(options).catch((error) => {
			throw signal.aborted ? aborted() : error;
		});
	};
	return Object.assign(mesh, { join: (options) => heedless(joinUnlessAborted(options)) });
}
var init_with_signal = __esmMin((() => {
	init_errors();
	init_heedless();
}));
// client/index.ts
init_errors();
async function createMesh(options) {
	const settings = await readOptions(options);
	const open = (peerId = settings.peerId) => assembleMesh({
		...settings,
		peerId,
		openSession: (host) => settings.openSession({
			...settings,
			peerId
		}, settings.environment, host),
		createLink: (link, events) => createLink({
			...link,
			rtcConfig: settings.rtcConfig
		}, events)
	});
	const { onIdTaken, signal } = settings;
	const mesh = onIdTaken === "leave" ? open() : (await loaded(Promise.resolve().then(() => (init_new_id(), new_id_exports)))).meshWithNewIds(open, settings.environment.randomHex);
	if (signal !== void 0) (await loaded(Promise.resolve().then(() => (init_with_signal(), with_signal_exports)))).withSignal(mesh, signal);
	if (options?.metadata !== void 0) await mesh.setMetadata(options.metadata);
	return mesh;
}
export { MeshError, createMesh };
