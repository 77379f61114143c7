import { type CargoConfig, httpSettings } from "../../cargo/index.ts";
import type { Environment } from "../sources.ts";

/**
 * The environment in which git is to run: as it is, with what Cargo's configuration says of proxies and authorities (`http.proxy`,
 * `http.cainfo`, `http.proxy-cainfo`). What git's own configuration says goes before the proxy.
 *
 * @throws {ConfigError} cargo/config-value.
 */
export function gitVariables(config: CargoConfig, env: Environment): Environment {
  const { proxy, cainfo, proxyCainfo } = httpSettings(config);
  const others = Object.entries(env).filter(([name]) => !/^(?:https?|all|no)_proxy$/i.test(name));
  return {
    ...Object.fromEntries(others),
    ...given("http_proxy", proxy.http),
    ...given("https_proxy", proxy.https),
    ...given("no_proxy", proxy.noProxy),
    ...given("GIT_SSL_CAINFO", cainfo),
    ...given("GIT_PROXY_SSL_CAINFO", proxyCainfo),
  };
}

function given(name: string, value: string | undefined): Environment {
  return value === undefined ? {} : { [name]: value };
}
