import type { ProxySettings } from "./http-settings.ts";

/**
 * The proxy for one URL, or undefined when it is reached directly.
 *
 * Exceptions work as in libcurl: `*` is every host; `example.org` and `.example.org` are that host and all below
 * it; an address is itself, and `10.0.0.0/8` every address of a network. Ports play no part.
 *
 * @returns A URL; a proxy written without a scheme speaks http.
 * @see curl's manual, "--noproxy".
 */
export function proxyFor(settings: ProxySettings, url: string): string | undefined {
  const target = new URL(url);
  const proxy = target.protocol === "https:" ? settings.https : settings.http;
  if (proxy === undefined) return undefined;
  if (settings.noProxy !== undefined && isException(settings.noProxy, target.hostname)) return undefined;
  return proxy.includes("://") ? proxy : `http://${proxy}`;
}

function isException(noProxy: string, hostname: string): boolean {
  if (noProxy === "*") return true;
  const host = hostname
    .toLowerCase()
    .replace(/^\[|\]$/g, "")
    .replace(/\.$/, "");
  return noProxy
    .toLowerCase()
    .split(/[\s,]+/)
    .some((entry) => entry !== "" && matches(entry, host));
}

function matches(entry: string, host: string): boolean {
  const bits = addressBits(host);
  if (bits !== undefined) return inNetwork(entry, bits);
  const name = entry.replace(/^\./, "").replace(/\.$/, "");
  return name !== "" && (host === name || host.endsWith(`.${name}`));
}

/** Whether an address lies in `address` or `address/prefix-length`. */
function inNetwork(entry: string, bits: string): boolean {
  const [address = "", length] = entry.split("/");
  const network = addressBits(address.replace(/^\[|\]$/g, ""));
  if (network?.length !== bits.length) return false;
  const significant = length === undefined ? bits.length : Number(length);
  if (!/^[0-9]*$/.test(length ?? "") || significant > bits.length) return false;
  return network.slice(0, significant) === bits.slice(0, significant);
}

/** An IP address as text of 32 or 128 binary digits; undefined for a name. */
function addressBits(text: string): string | undefined {
  if (/^[0-9]{1,3}(?:\.[0-9]{1,3}){3}$/.test(text)) {
    return text
      .split(".")
      .map((part) => Number(part).toString(2).padStart(8, "0"))
      .join("");
  }
  if (!text.includes(":") || !/^[0-9a-f:]+$/.test(text)) return undefined;
  const [head = "", tail] = text.split("::");
  const front = head === "" ? [] : head.split(":");
  const back = tail === undefined || tail === "" ? [] : tail.split(":");
  const gap = tail === undefined ? 0 : 8 - front.length - back.length;
  const parts = [...front, ...Array.from({ length: Math.max(gap, 0) }, () => "0"), ...back];
  if (parts.length !== 8) return undefined;
  return parts.map((part) => Number.parseInt(part, 16).toString(2).padStart(16, "0")).join("");
}
