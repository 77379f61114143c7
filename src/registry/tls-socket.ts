import { isIP, type Socket } from "node:net";
import { connect, type TLSSocket } from "node:tls";
import { ClosedEarly } from "./exchange.ts";
import { listenTo, type OpenSocket, type SocketSettings, type Track } from "./open-socket.ts";

/** Whom to speak TLS with. */
export interface TlsTarget {
  /** The name that the certificate must be made out to; an IPv6 address without brackets. */
  readonly host: string;
  readonly port: number;
  readonly settings: SocketSettings;
  /** A tunnel to speak through. */
  readonly socket?: Socket;
}

/** Makes a TLS connection and lets ALPN choose the protocol. */
export async function openTlsSocket(
  { host, port, settings, socket: tunnel }: TlsTarget,
  track: Track,
): Promise<OpenSocket> {
  const secureContext = await settings.authorities("server");
  return new Promise((resolve, reject) => {
    const socket: TLSSocket = track(
      connect({
        host,
        port,
        secureContext,
        ALPNProtocols: [...settings.protocols],
        ...settings.tlsVersions,
        ...(isIP(host) === 0 ? { servername: host } : {}),
        ...(tunnel === undefined ? {} : { socket: tunnel }),
      }),
    );
    const closed = (): void => reject(new ClosedEarly());
    socket.once("error", reject);
    socket.once("close", closed);
    socket.once("close", () => tunnel?.destroy());
    socket.once("secureConnect", () => {
      socket.removeListener("error", reject);
      socket.removeListener("close", closed);
      socket.setNoDelay(true);
      const protocol = socket.alpnProtocol === "h2" ? "h2" : "http/1.1";
      resolve({ socket, protocol, proxyHeaders: undefined, listen: listenTo(socket) });
    });
  });
}
