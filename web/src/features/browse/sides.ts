import { createStore } from "@/ui/store";

/** Where a folder stands when two are open. */
export type Side = "left" | "right";

/** The side that keys and commands mean. */
export const activeSide = createStore<Side>("left");
