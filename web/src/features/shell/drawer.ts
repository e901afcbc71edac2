import { createStore } from "@/ui/store";

/** Whether the sidebar is drawn out, on screens too narrow to have it always. */
export const drawer = createStore(false);
