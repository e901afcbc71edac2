import { QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { useEffect } from "react";
import { connection } from "@/api/connection";
import { queryClient } from "@/api/queries";
import { LoginPage } from "@/features/session/LoginPage";
import { useStore } from "@/ui/store";
import { Waiting } from "@/ui/Note";
import { followDaemon } from "./live";
import { router } from "./router";

export function App() {
  const state = useStore(connection);
  useEffect(followDaemon, []);
  if (state === "starting") return <Waiting className="pt-[30vh]">Connecting to Stardrive…</Waiting>;
  if (state === "signed_out") return <LoginPage />;
  return (
    <QueryClientProvider client={queryClient}>
      <RouterProvider router={router} />
    </QueryClientProvider>
  );
}
