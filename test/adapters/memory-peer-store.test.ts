import { memoryPeerStore } from "../../lambda/adapters/memory-peer-store.ts";
import { peerStoreContract } from "./peer-store.contract.ts";

peerStoreContract("memory", (clock) => memoryPeerStore({ clock }));
