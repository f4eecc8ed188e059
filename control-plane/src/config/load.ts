import { existsSync, readFileSync, statSync } from 'node:fs'
import { hostname } from 'node:os'
import { resolve } from 'node:path'
import { type ResolvedConfig, resolveConfig } from '../config.ts'

/** Read when it exists in the working folder and no other file is named. */
export const CONFIG_FILE = 'cronclave.yaml'
const FILE_BYTES_MAX = 1_048_576

/** Reads the file, the environment and the flags of this process and resolves them. */
export function loadConfig(options: { file?: string; flags?: Record<string, string> } = {}): ResolvedConfig {
  const named = options.file ?? process.env['CRONCLAVE_CONFIG']
  const path = named ?? CONFIG_FILE
  const sources = {
    env: process.env,
    flags: options.flags ?? {},
    absolute: (path: string) => resolve(path),
    hostname: hostname(),
  }
  if (named === undefined && !existsSync(path)) return resolveConfig(sources)
  try {
    if (statSync(path).size > FILE_BYTES_MAX) throw new Error('it is larger than 1 MiB')
    const text = readFileSync(path, 'utf8')
    return resolveConfig({ ...sources, file: { path, text } })
  } catch (error) {
    return { ok: false, faults: [{ where: path, key: '', detail: `cannot be read: ${(error as Error).message}` }] }
  }
}
