import type { SecureContext } from "node:tls";
import { type HttpSettings, proxyFor, type SslVersion } from "../cargo/index.ts";
import { ClientClosed, type ExchangeSink, type WireRequest } from "./exchange.ts";
import type { TlsVersion } from "./open-socket.ts";
import { OriginLane } from "./origin-lane.ts";
import { parseProxy } from "./proxy.ts";

export interface TransportSettings {
  readonly http: HttpSettings;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** HTTP/1.1 connections per origin. */
  readonly connections: number;
}

/** HTTP/2 requests at once for each HTTP/1.1 connection that would have been allowed: waiting costs nothing there. */
const STREAMS_PER_CONNECTION = 8;
const MAX_STREAMS = 128;

/** Sends requests; knows nothing of what they mean. */
export interface Transport {
  /** @throws {RegistryError} registry/bad-proxy: the settings can not be used. */
  send(request: WireRequest, sink: ExchangeSink): void;
  /** Tears every connection; requests that wait or are under way fail. */
  close(): void;
}

/** Opens nothing yet: files are read and connections made when a request needs them. */
export function openTransport({ http, env, connections }: TransportSettings): Transport {
  const lanes = new Map<string, OriginLane>();
  let isClosed = false;
  const contexts = new Map<string | undefined, Promise<SecureContext>>();
  const load = async (cainfo: string | undefined): Promise<SecureContext> => {
    const { loadAuthorities } = await import("./certificate-authorities.ts");
    return loadAuthorities({ cainfo, env });
  };
  const authorities = (peer: "server" | "proxy"): Promise<SecureContext> => {
    const cainfo = peer === "server" ? http.cainfo : http.proxyCainfo;
    const context = contexts.get(cainfo) ?? load(cainfo);
    contexts.set(cainfo, context);
    return context;
  };
  const laneFor = ({ origin }: URL): OriginLane => {
    const present = lanes.get(origin);
    if (present !== undefined) return present;
    const proxy = proxyFor(http.proxy, origin);
    const lane = new OriginLane(new URL(origin), {
      proxy: proxy === undefined ? undefined : parseProxy(proxy),
      protocols: http.multiplexing ? ["h2", "http/1.1"] : ["http/1.1"],
      authorities,
      tlsVersions: tlsVersions(http.sslVersion),
      connections,
      streams: Math.min(connections * STREAMS_PER_CONNECTION, MAX_STREAMS),
    });
    lanes.set(origin, lane);
    return lane;
  };
  return {
    send(request, sink) {
      if (isClosed) sink.failed(new ClientClosed());
      else laneFor(request.url).send(request, sink);
    },
    close() {
      isClosed = true;
      for (const lane of lanes.values()) lane.close();
      lanes.clear();
    },
  };
}

const TLS_VERSIONS: Readonly<Record<Exclude<SslVersion, "default">, TlsVersion>> = {
  tlsv1: "TLSv1",
  "tlsv1.0": "TLSv1",
  "tlsv1.1": "TLSv1.1",
  "tlsv1.2": "TLSv1.2",
  "tlsv1.3": "TLSv1.3",
};

function tlsVersions(setting: HttpSettings["sslVersion"]): { minVersion?: TlsVersion; maxVersion?: TlsVersion } {
  const { min = "default", max = "default" } = setting ?? {};
  return {
    ...(min === "default" ? {} : { minVersion: TLS_VERSIONS[min] }),
    ...(max === "default" ? {} : { maxVersion: TLS_VERSIONS[max] }),
  };
}
