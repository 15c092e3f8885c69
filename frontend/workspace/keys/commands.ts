// How programs come in with a key, ready to be pasted.
import type { MessageKey } from "../messages";

export interface Command {
  id: string;
  title: string;
  text: MessageKey;
  command: string;
}

/** Commands for a site, a key and a layer to try it on. */
export function commandsFor(origin: string, secret: string, layer: string): Command[] {
  return [
    {
      id: "gdal",
      title: "GDAL",
      text: "keys.gdal",
      command: `ogrinfo -so --config GDAL_HTTP_HEADERS "Authorization: Bearer ${secret}" OAPIF:${origin}/ogc ${layer}`,
    },
    { id: "qgis", title: "QGIS", text: "keys.qgis", command: `${origin}/key/${secret}/ogc` },
    {
      id: "curl",
      title: "curl",
      text: "keys.curl",
      command: `curl -H "Authorization: Bearer ${secret}" "${origin}/ogc/collections/${layer}/items?limit=10"`,
    },
  ];
}
