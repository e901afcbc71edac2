import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { connect } from "./api/connection";
import { App } from "./app/App";
import "./app/styles.css";

void connect();

const root = document.getElementById("root");
if (root) {
  createRoot(root).render(
    <StrictMode>
      <App />
    </StrictMode>,
  );
}
