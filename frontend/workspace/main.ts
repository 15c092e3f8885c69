// The page /workspace: mounts the application where the template left room for it.
import { mount } from "svelte";
import App from "./App.svelte";
import "./workspace.css";

const target = document.getElementById("workspace-app");
if (!target) throw new Error("The page has no element #workspace-app");
target.replaceChildren();
mount(App, { target });
