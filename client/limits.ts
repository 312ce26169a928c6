/**
 * Every number of the client, named once, with its reason. Times are in ms, sizes in bytes. The numbers that the server
 * shares are in protocol/limits.ts.
 */

const SECOND = 1_000;
const MINUTE = 60 * SECOND;

// --- Signaling

/**
 * Silence after which a ping is sent. API Gateway ends a connection after 10 minutes without a frame; proxies and the
 * address translation of mobile networks often do so after 5. A timer in a hidden tab may be a minute late.
 */
export const HEARTBEAT_INTERVAL_MS = 4 * MINUTE;

/** How long a pong, or any other frame, may take before the socket counts as dead. */
export const PONG_TIMEOUT_MS = 10 * SECOND;

/**
 * The same for a ping that is sent because the network may have changed, or a link is broken. API Gateway answers pings
 * itself, so no cold start is in the way; and a link that waits for signaling is worth a connection that was not needed.
 */
export const PROBE_PONG_TIMEOUT_MS = 2 * SECOND;

/** Frames were sent, and nothing has come since: after this long a ping asks whether they arrived. */
export const UNANSWERED_MS = 20 * SECOND;

/** How often the clock is compared with the expected time. Timers may stand still while a machine sleeps. */
export const CLOCK_CHECK_MS = 30 * SECOND;

/** How long a socket may take to open, and then the welcome to come. A function that starts cold takes a few seconds. */
export const JOIN_TIMEOUT_MS = 15 * SECOND;

/** How long the first join may take with all that is repeated: two servers that do not answer, or seven that refuse. */
export const JOIN_DEADLINE_MS = 30 * SECOND;

/** Joins on one socket before another socket is tried. */
export const MAX_JOINS = 4;

/** How long the answer to a `find_peers` may take, with all that is repeated. */
export const CALL_TIMEOUT_MS = 15 * SECOND;

/** How long the caller's function may take to give a token. */
export const TOKEN_TIMEOUT_MS = 30 * SECOND;

/** A reconnect waits between nothing and this, doubled with every failure: clients that were cut off together spread. */
export const BACKOFF_BASE_MS = 500;
export const BACKOFF_MAX_MS = 30 * SECOND;

/** How long a connection has to last so that the failures before it no longer count. Longer than the longest wait. */
export const LASTING_MS = MINUTE;

/** How much earlier than asked a client may be on its new connection: a tenth of the time it has, and at most this. */
export const ROLL_SPREAD_MS = 5 * MINUTE;

/** How long who is told to go away waits at most, so that not all come at once. The server gives 5 s. */
export const GO_AWAY_SPREAD_MS = 2 * SECOND;

/**
 * Before a new connection joins, the old one must have been quiet for this long: a frame that was sent on it just before
 * might be handled after the join, and find that the connection has no peer.
 */
export const QUIET_MS = 2 * SECOND;

/** How long a connection that was replaced may still deliver frames that were on their way. The server closes it before. */
export const RETIRE_MS = 10 * SECOND;

/** How long the server has to close the socket of one that leaves. */
export const LEAVE_TIMEOUT_MS = 2 * SECOND;

/**
 * How long the server may believe that a connection of ours is open which we have lost: as long as API Gateway leaves
 * it idle, and a moment.
 */
export const LOST_JOIN_MS = 11 * MINUTE;

/** How long candidates for one peer are gathered: candidates of the local interfaces come within some milliseconds. */
export const GATHER_MS = 40;

/**
 * Bytes of frames that wait to be sent, all peers together, and of frames that may wait inside the socket. A session
 * description has 1 to 4 KB, so they hold those for a hundred peers and more.
 */
export const MAX_QUEUED_BYTES = 512 * 1024;

/** How soon to look again whether the socket has sent its waiting frames. */
export const BUSY_MS = 250;

/** How long a frame may wait. Both sides have given up an offer that is older. */
export const MAX_QUEUED_MS = 30 * SECOND;

/** How often a frame is sent before its refusal counts as the last word. */
export const MAX_SENDS = 5;

/** The least pause between two frames once the server has asked for slowness. It allows 20 per second. */
export const PACE_MS = 100;

/** How long a frame that was sent may be answered by an error. A function runs for 29 s at most. */
export const SENT_MEMORY_MS = 30 * SECOND;

/** A frame that came so shortly after one was sent does not show that the other was received. */
export const DOUBT_MS = SECOND;

// --- WebRTC and mesh

/**
 * How long a description waits for candidates before it is sent without the rest. Those of the local interfaces come at
 * once, and candidates in a description need no further frame; p2pmesh's peers expect all in it.
 */
export const GATHERING_MS = 150;

/** How long an attempt may take from the first description to an open channel. */
export const ATTEMPT_TIMEOUT_MS = 15 * SECOND;

/** How often a pair that was wanted is attempted before it is forgotten until a peer or the server names it again. */
export const LINK_TRIES = 3;

/** The second attempt waits between nothing and this, the third between nothing and twice this. */
export const RETRY_BASE_MS = 2 * SECOND;

/**
 * How long a link may be `disconnected` before its ICE is restarted: most interruptions mend themselves. The browser has
 * heard nothing for some 5 s by then.
 */
export const DISCONNECTED_MS = 2 * SECOND;

/** How long an ICE restart may take before the link counts as lost. Time without signaling does not count. */
export const RESTART_MS = 10 * SECOND;

/** How soon the offer of an ICE restart is sent again if no answer comes: the other side's socket may have been dead. */
export const REPEAT_MS = 2.5 * SECOND;

/** How long the other side has to answer a ping that was sent because the path may be broken. */
export const PROBE_MS = 1.5 * SECOND;

/** How often a link that is silent looks whether signaling is found dead, too: then this side's own network has changed. */
export const DOUBT_POLL_MS = SECOND / 2;

/** How long after a message nothing may come on its channel before a ping asks whether it arrives. */
export const UNHEARD_MS = SECOND / 2;

/** Candidates of one peer that are kept while their description is on its way, and peers that they are kept for. */
export const MAX_EARLY_CANDIDATES = 32;
export const MAX_REMEMBERED_PEERS = 64;

/** Signals that one frame may carry. */
export const MAX_SIGNALS_PER_FRAME = 64;

/** Largest frame on a data channel. Every browser takes as much (RFC 8841), and each frame costs both sides some time. */
export const CHUNK_BYTES = 64 * 1024;

/** The same if the other side says that it takes more, as most do. */
export const MAX_CHUNK_BYTES = 256 * 1024;

/** Largest message. A neighbour can make us hold so many bytes while its pieces arrive. */
export const MAX_DATA_BYTES = 1024 * 1024;

/** Largest header of a message between neighbours: ids of 128 characters, each up to 6 bytes in JSON. */
export const MAX_HEADER_BYTES = 4 * 1024;

/** Bytes handed to a data channel and not sent yet at which sending pauses, and those at which it goes on. */
export const BUFFER_HIGH_BYTES = 512 * 1024;
export const BUFFER_LOW_BYTES = 128 * 1024;

/** How often the buffer is looked at if no event says that it drained: `@roamhq/wrtc` has no `bufferedamountlow`. */
export const DRAIN_POLL_MS = 4;

/** Bytes that wait for one channel. A message beyond that is refused with `BUFFER_FULL`. */
export const MAX_WAITING_BYTES = 4 * 1024 * 1024;

/** Bytes that a waiting message counts in addition to its size: its promise and its place in the queue take memory, too. */
export const WAITING_COST_BYTES = 256;

/** How long frames are handed to a channel in one go, and how many at most, before the page gets its turn. */
export const BURST_MS = 8;
export const BURST_FRAMES = 2048;

/** Frames that are handed over with one look at the clock, which costs as much as a small one. */
export const FRAMES_PER_LOOK = 4;

/** How often a channel looks whether it lives, the silence after which it asks, and that after which it is dead. */
export const CHANNEL_CHECK_MS = 5 * SECOND;
export const CHANNEL_SILENCE_MS = 15 * SECOND;
export const CHANNEL_DEAD_MS = 40 * SECOND;

/** Links to keep at most, unless the caller says otherwise. */
export const DEFAULT_MAX_PEERS = 8;

/** With fewer links than this a peer looks for more. Measured: with 4, one in a hundred is cut off when half leave. */
export const FEWEST_LINKS = 5;

/** Links above the limit while one takes another's place: the new one opens before the old one goes. */
export const OVERLAP_LINKS = 2;

/**
 * A link in the making takes no place any more, if it is not open by then: the other side may be dead, or pretend. A caller
 * finds place after the first time; a peer calls another one after the third, if its call is not answered. The link may
 * still open. As many of those are kept as there are places. If there are more, the oldest is given up, but not before the
 * second time: on a busy machine an honest link takes so long, too.
 */
export const KEEPS_OUT_MS = SECOND;
export const GIVEN_UP_MS = 3 * SECOND;
export const SLOW_CALL_MS = 6 * SECOND;

/** How often a peer counts its links, give or take a quarter, and how often the root of an island sends its beacon. */
export const CHECK_MS = 10 * SECOND;

/** The age at which a beacon is no longer believed: three were lost. */
export const BEACON_MAX_AGE_MS = 3.5 * CHECK_MS;

/** Beacons of one neighbour that are heard in so many ms. Each may be passed on to all other neighbours. */
export const MAX_BEACONS = 32;
export const BEACONS_MS = CHECK_MS;

/** Longest pause between two `find_peers` that found no new peer. */
export const ASK_MAX_MS = 10 * MINUTE;

/** How long the one with the smaller id has to call before the other does. Signaling takes a second if it starts cold. */
export const PATIENCE_MS = 3 * SECOND;

/** How long a peer is left alone that refused, went away, or could not be reached. */
export const COOLDOWN_MS = 30 * SECOND;

/** Peers that are remembered so that they may be called. */
export const MAX_KNOWN_PEERS = 256;

/** Peers of the room that are remembered so that the application hears of each arrival and each end once. */
export const MAX_ROSTER_PEERS = 4096;

/**
 * How often a peer may make us begin a connection, by an offer or by a request to call it. A restart of ICE counts, too.
 * Otherwise one peer could have us make connections as fast as it sends frames.
 */
export const MAX_DEMANDS = 6;
export const DEMANDS_MS = 10 * SECOND;

// --- The identity (identity/)

/** Remembered keys of peers without a link. */
export const MAX_PINS = 256;

/** Remembered numbers of the newest signals of a key: so many may overtake each other. */
export const REPLAY_WINDOW = 64;

/**
 * Seals that are looked at in so many ms: of one peer by one way, and of all peers through the mesh: there a neighbour
 * may write any name. An offer and its candidates are about five. To verify one takes about 0.4 ms.
 */
export const MAX_CHECKS = 64;
export const MAX_MESH_CHECKS = 512;
export const CHECKS_MS = 10 * SECOND;

/** How often the server is asked for the key of a peer that shows another one than it told, and for all such peers in so many ms. */
export const MAX_ENQUIRIES = 6;
export const ENQUIRIES_MS = MINUTE;

/** How often the application is told of refused signals of a peer. */
export const REFUSAL_TOLD_MS = 10 * SECOND;

/** How long a refusal of the application's `verify` holds until it is asked again. */
export const VERDICT_MS = 30 * SECOND;

/** Signals of all peers that wait until they are verified. */
export const MAX_OPENING = 256;

/** The most links that a neighbour's beacon may claim. */
export const MAX_TOLD_LINKS = 0xffff;

/** Peers that a refusal may name, and that are taken from one. */
export const MAX_ALTERNATIVES = 8;

/** Peers that an island's root looks for in its mesh, out of the list of the server. */
export const MAX_PROBES = 3;

/** How long a peer that neighbours asked for a bridge does not listen to another. */
export const BRIDGE_PAUSE_MS = 2 * SECOND;

/** Refusals in a row that a peer which bridges two islands goes on from. */
export const MAX_BRIDGE_STEPS = 16;

/** Links that a message passes at most. The mesh of 10,000 peers is 5 to 6 links wide; a ring is as wide as it is long. */
export const MAX_HOPS = 16;

/** Messages without a number that are remembered so that none is handled twice. */
export const MAX_SEEN_MESSAGES = 4096;

/** Peers for which the way to them is remembered. */
export const MAX_ROUTES = 1024;

/** Numbers of broadcasts are remembered in blocks of so many, and so many blocks for each origin: 4,096 numbers, 512 bytes. */
export const BROADCAST_BLOCK = 512;
export const MAX_BROADCAST_BLOCKS = 8;

/** Origins of broadcasts that are remembered: 2 MB in all, if each of them has sent thousands. */
export const MAX_ORIGINS = 2048;

/** Broadcasts that came out before the first one that we got from an origin, and may still arrive, over another link. */
export const BROADCAST_REORDER = 64;

/** An origin that was silent for so long is forgotten. No copy is under way for so long: a link that stalls ends before. */
export const BROADCAST_IDLE_MS = 10 * MINUTE;

/** The largest number of a broadcast that its id has digits for. */
export const MAX_NUMBER = 1e15 - 1;

/** About how long the numbers of broadcasts are collected before they are announced on a link that does not push them. */
export const ANNOUNCE_MS = SECOND / 2;

/** How long an announced broadcast may still come by itself before it is asked for. */
export const GRAFT_MS = 0.3 * SECOND;

/** How long one neighbour has to send what it was asked for, and copies may come after a neighbour was told to stop. */
export const ASKED_MS = 1.5 * SECOND;

/** Runs in one frame about trees: 64 have a header of 3.5 kB at most. Numbers in one that are looked at. */
export const MAX_RUNS = 64;
export const MAX_NUMBERS = 4096;

/** Frames about trees that are heard of one neighbour in so many ms. */
export const MAX_TREE_FRAMES = 256;
export const TREE_FRAMES_MS = 10 * SECOND;

/** Keys of broadcasts of which only the newest matters: their newest numbers are remembered. */
export const MAX_LATEST = 4096;

/** Broadcasts that are kept for neighbours that lack them: for so long, and so many bytes. */
export const RECENT_MS = 30 * SECOND;
export const MAX_RECENT_BYTES = 4 * 1024 * 1024;

/** How long a broadcast waits for the other links after the first has taken it. A slower one is not waited for again. */
export const SLOW_LINK_MS = 100;

/** How long the answer to a message through the mesh may take before it is sent again, to all, or given up. */
export const DELIVERY_TIMEOUT_MS = 3 * SECOND;

/** How long `leave` waits at most until its neighbours have received everything. */
export const DRAIN_MS = 5 * SECOND;

/** How long a link may take to show that it is alive, after the server has announced its peer again. */
export const PROBE_ANSWER_MS = SECOND;

/** Tries of a message that its sender wants to have acknowledged. */
export const MAX_ATTEMPTS = 6;

/** Messages through the mesh that wait for their answer. */
export const MAX_UNDELIVERED = 256;

// --- The members of the room (members/)

/**
 * Members that are known. Measured with a name as metadata: a join moves 20 kB to and from each peer of a room of 200, a
 * departure 10 kB, and at rest nothing. In a larger room the members are a part of it.
 */
export const MAX_MEMBERS = 256;

/** Bytes of a peer's metadata as JSON. */
export const MAX_METADATA_BYTES = 1024;

/** How long changes are gathered before they are told and passed on. A mesh that is five links wide knows within a second. */
export const SPREAD_MS = 100;

/** How soon records that a link did not take are sent again. */
export const SPREAD_AGAIN_MS = SECOND;

/** Bytes of records in one message, and those that a neighbour may have us read in so many ms: 256 full ones, and some. */
export const MAX_RECORDS_BYTES = 64 * 1024;
export const MAX_RECORDS_HEARD_BYTES = 1024 * 1024;
export const RECORDS_HEARD_MS = 10 * SECOND;

/** In the same time: lists of records that a neighbour may have us compare, and corrections of our own forged record. */
export const MAX_TALLIES = 6;
export const MAX_CORRECTIONS = 8;

/** How long a member may be out of reach before it counts as gone, and how long its record is awaited before it counts as here. */
export const MEMBER_GRACE_MS = SECOND;

/** How long the record of a peer that is out of reach is kept: others may tell of a way to it. */
export const FORGET_MEMBER_MS = 10 * SECOND;

// --- Signals through the mesh (overlay/)

/** Neighbours that a peer tells of, and peers that an answer names. */
export const MAX_TOLD_NEIGHBOURS = 16;
export const MAX_FOUND = 8;

/** How long changes of the neighbours are gathered before the others are told. */
export const NEAR_MS = SECOND / 2;

/** How long a way that a signal or an answer came by is used. */
export const ROUTE_MS = MINUTE;

/** Neighbours that are asked one question: one of them may have just gone. And questions that wait for their answers. */
export const ASKED_NEIGHBOURS = 3;
export const MAX_QUESTIONS = 64;

/** How long an answer may take. Six links that need 100 ms each way are 1.2 s. */
export const FIND_MS = 1.5 * SECOND;

/** How long a signal may take until it is known to have arrived, and then the answer to an offer. Else the server is asked. */
export const ARRIVAL_MS = 1.5 * SECOND;
export const REPLY_MS = 3 * SECOND;

/** How long signals to a peer go by the server, after one went there. */
export const BY_SERVER_MS = 15 * SECOND;

/** Without the server: how often a signal is tried again on another way, and how soon. */
export const MAX_DETOURS = 3;
export const DETOUR_MS = SECOND;

/** A neighbour that said something within this time is there: the answer to a signal or to a question takes less. */
export const HEARD_MS = 10 * SECOND;

/** Signals of our own whose arrival is not known. More go by the server. */
export const MAX_PARCELS = 128;

/** Questions and signals that were passed on and are remembered, so that none passes twice and answers find their way back. */
export const MAX_PASSED = 2048;

/**
 * What is heard of one neighbour in so many ms: words without a signal, and signals and their bytes. A newcomer with eight
 * links needs some 50 signals of 2 kB, and a neighbour may be the way for several at a time.
 */
export const OVERLAY_MS = 10 * SECOND;
export const MAX_WORDS = 512;
export const MAX_CARRIED = 256;
export const MAX_CARRIED_BYTES = 1024 * 1024;

/** The same of one origin, whoever brings it: no more than the server lets a peer send. */
export const MAX_OF_ORIGIN = 128;
export const MAX_OF_ORIGIN_BYTES = 256 * 1024;

/** How often a peer that lacks links asks its neighbours for others. */
export const ASK_NEIGHBOURS_MS = 3 * SECOND;

/**
 * How long the first link of a newcomer may take before it calls a second peer. After twice as long it calls all by the server,
 * and those that know of it call, too.
 */
export const FIRST_LINK_MS = 2 * SECOND;

// --- Large data (transfer/)

/** Bytes of a piece of large data: with its header it fills a frame of a channel. Older clients take no larger one. */
export const PIECE_BYTES = CHUNK_BYTES - 258;

/** Bytes that a sender may be ahead of the application that reads them. A link with a round trip of 100 ms carries 20 MB/s. */
export const WINDOW_BYTES = 2 * 1024 * 1024;

/** How many bytes are taken until the sender hears of it. */
export const REPORT_BYTES = WINDOW_BYTES / 8;

/** Pieces that are sent and not confirmed: a stream may have tiny ones. */
export const MAX_PIECES_AHEAD = 1024;

/** Bytes of a file that are read at once, and bytes that are collected before they become a part of a Blob, which a browser keeps on disk. */
export const READ_BYTES = 1024 * 1024;
export const PART_BYTES = 4 * 1024 * 1024;

/** Bytes that are kept of all transfers that come in, unless the caller says otherwise. */
export const MAX_RECEIVE_BYTES = 256 * 1024 * 1024;

/** Transfers from one peer at a time. A sender lets further ones wait. */
export const MAX_TRANSFERS = 4;

/** Transfers that ended and are remembered, so that a sender that missed the end hears of it. */
export const MAX_ENDED_TRANSFERS = 256;

/** How long the answer to an offer may take: a client of version 0.1 gives none. */
export const OFFER_ANSWER_MS = 10 * SECOND;

/** How long both sides wait for the next link when theirs breaks. A link's own attempts take less. */
export const RESUME_MS = 30 * SECOND;

/** How soon a sender makes another link if its own ended and does not make itself again. */
export const RELINK_MS = 3 * SECOND;

/** How long a transfer that is being collected may stand still. */
export const TRANSFER_IDLE_MS = MINUTE;

/** How soon a frame is sent again that found the link's queue full. */
export const FULL_AGAIN_MS = 50;

/** The longest name and the longest type of a file, in characters. */
export const MAX_FILE_NAME = 255;
export const MAX_FILE_TYPE = 127;

// --- Several deployments (regions/)

/** Deployments that a mesh may be spread over. */
export const MAX_REGIONS = 8;

/**
 * How long a peer that has lost its home waits before it looks for another, give or take a third, so that not all peers of a
 * room come at once. A restart or a change of networks takes less.
 */
export const FAILOVER_MS = 5 * SECOND;

/** How long one deployment has before the next is tried as well. A function that starts cold takes a second or two. */
export const TRY_REGION_MS = 3 * SECOND;

/** How soon a deployment that refused this peer is tried again, while no other takes it. */
export const REFUSED_REGION_MS = MINUTE;

/** How long a better home has to come first, once another one has answered. */
export const MOVE_GRACE_MS = SECOND;

/**
 * When a peer tries to go back to the home of its room, give or take a half; doubled with every failure, up to the second.
 * So the peers of a room come back one after another.
 */
export const RETURN_MS = 10 * SECOND;
export const RETURN_MAX_MS = 10 * MINUTE;

/** How long a peer stays in both before it moves back, and in the one that it has moved from. */
export const PROVE_MS = 5 * SECOND;
export const MOVE_OVERLAP_MS = 3 * SECOND;

/** A home that is lost sooner counts as unsteady: the next return waits longer. */
export const LASTING_HOME_MS = 10 * MINUTE;

/** How long the fastest deployment is awaited, and the others after it. */
export const MEASURE_MS = 3 * SECOND;
export const MEASURE_OTHERS_MS = SECOND / 4;

/** How long a visit may take to join, how long it lasts without use, and at most; and how often that is looked at. */
export const VISIT_JOIN_MS = 5 * SECOND;
export const VISIT_IDLE_MS = 3 * SECOND;
export const VISIT_MAX_MS = 40 * SECOND;
export const VISIT_CHECK_MS = SECOND;

/** How soon after a visit a frame to a peer there may begin the next. */
export const VISIT_PAUSE_MS = 10 * SECOND;

/**
 * How soon the root of a part of the mesh looks into another deployment: alone, and with others. Doubled each time that it
 * finds no new peer, up to the last.
 */
export const LOOK_ALONE_MS = SECOND;
export const LOOK_MS = CHECK_MS;
export const LOOK_MAX_MS = 30 * MINUTE;

/** Neighbours that the root asks, if it cannot reach a deployment. Each passes that on to one more, if it cannot either. */
export const LOOK_ASKS = 3;

/** How long a deployment that could not be reached is not tried for a look, and a look on request is not repeated. */
export const LOOK_AGAIN_MS = 30 * SECOND;

/** Frames to a peer that are kept, in case that another deployment has it; for how long, and for how many peers. */
export const MAX_KEPT_FRAMES = 8;
export const KEPT_FRAMES_MS = 20 * SECOND;
export const MAX_KEPT_PEERS = 64;

/** How soon the mesh is asked again for a peer that left a deployment, doubled each time up to the second; for how many peers. */
export const FIRST_DOUBT_MS = 10 * SECOND;
export const MAX_DOUBT_MS = 10 * MINUTE;
export const MAX_DOUBTS = 256;
