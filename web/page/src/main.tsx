// Starts the page.

import { createRoot } from "react-dom/client";
import { App } from "./app.tsx";
import "./style/tokens.css";
import "./style/base.css";
import "./style/start.css";
import "./style/interview.css";
import "./style/report.css";
import "./style/files.css";
import "./style/chat.css";
import "./style/quizzes.css";
import "./style/taking.css";
import "./style/figures.css";

const root = document.getElementById("root");
if (root) createRoot(root).render(<App />);
