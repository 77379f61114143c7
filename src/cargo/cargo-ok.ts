/** Name of the file that says «this directory was unpacked completely»; it is written last. */
export const CARGO_OK_NAME = ".cargo-ok";

/**
 * The exact content of `.cargo-ok`, without a newline. With anything else cargo deletes the directory and unpacks again.
 *
 * @see cargo 1.71 and newer, `registry/src/<ident>/<name>-<version>/.cargo-ok`.
 */
export const CARGO_OK_CONTENT = '{"v":1}';

/**
 * Name of the file that tells backup programs to skip a directory. Cargo writes one into `registry/` and `git/`
 * unless a file of this name exists; an empty one keeps the hub in backups.
 *
 * @see https://bford.info/cachedir/
 */
export const CACHEDIR_TAG_NAME = "CACHEDIR.TAG";
