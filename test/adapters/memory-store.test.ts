import { memoryStore } from "../../lambda/adapters/memory-store.ts";
import { storeContract } from "./store.contract.ts";

storeContract("memory", (clock) => memoryStore({ clock }));
