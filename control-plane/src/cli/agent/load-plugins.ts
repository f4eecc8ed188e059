import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Clock } from '../../runtime/clock.ts'
import { CommandFault, EXIT } from '../exit.ts'
import { type ParametersSchema, parametersSchema } from './parameters.ts'
import { type AgentPlugin, pluginsOf } from './plugin.ts'

/** Plugins of an agent, at most. */
const PLUGINS_MAX = 100
/** How long a file may take to load, in milliseconds: one that awaits what never comes is named. */
const LOAD_MS = 30_000

/** A plugin whose schema can be used. */
export interface LoadedPlugin {
  plugin: AgentPlugin
  schema: ParametersSchema
}

/** The plugins that come with the agent and those of files. Every file that cannot be used is named in one fault. */
export async function loadPlugins(
  builtIn: readonly AgentPlugin[],
  files: readonly string[],
  clock: Clock,
): Promise<LoadedPlugin[]> {
  const loaded = new Map<string, LoadedPlugin>()
  const faults: string[] = []
  const add = (plugin: AgentPlugin) => {
    if (loaded.has(plugin.name)) throw new Error(`there are two plugins named ${plugin.name}`)
    if (loaded.size >= PLUGINS_MAX) throw new Error(`there are more than ${PLUGINS_MAX} plugins`)
    loaded.set(plugin.name, { plugin, schema: parametersSchema(plugin) })
  }
  for (const plugin of builtIn) add(plugin)
  for (const file of files) {
    try {
      const module = (await load(file, clock)) as { default?: unknown }
      for (const plugin of pluginsOf(module.default)) add(plugin)
    } catch (error) {
      faults.push(`${file}: ${error instanceof Error ? error.message : String(error)}`)
    }
  }
  if (faults.length > 0) throw new CommandFault(EXIT.usage, 'Not every plugin can be used.', faults)
  return [...loaded.values()]
}

function load(file: string, clock: Clock): Promise<unknown> {
  return new Promise((done, fail) => {
    const stopTimer = clock.after(LOAD_MS, () => fail(new Error(`it is not loaded after ${LOAD_MS / 1000} s`)))
    import(pathToFileURL(resolve(file)).href).then(done, fail).finally(stopTimer)
  })
}
