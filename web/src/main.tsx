import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { connect } from "./api/connection";
import { App } from "./app/App";
import "./app/styles.css";
import { speak } from "./ui/messages";
import { preferences } from "./ui/preferences";

void connect();

const root = document.getElementById("root");
if (root) {
  void speak(preferences().language).then(() =>
    createRoot(root).render(
      <StrictMode>
        <App />
      </StrictMode>,
    ),
  );
}
