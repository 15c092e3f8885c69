// The page /map: mounts the application where the template left room for it.
import { mount } from "svelte";
import "maplibre-gl/dist/maplibre-gl.css";
import "./map.css";
import App from "./App.svelte";

const target = document.getElementById("map-app");
if (!target) throw new Error("The page has no element #map-app");
target.replaceChildren();
mount(App, { target });
