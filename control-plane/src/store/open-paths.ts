const KEY = Symbol.for('cronclave.open-paths')
const shared = globalThis as { [KEY]?: Set<string> }

/**
 * Paths that this process has open as LevelDB databases. A second open of one would fail, but in failing drop the
 * operating system's lock of the first (closing any descriptor of a file drops a process's POSIX locks on it), so it
 * must not even be tried.
 */
export const openPaths: Set<string> = (shared[KEY] ??= new Set())
