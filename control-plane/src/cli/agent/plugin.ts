import type { JobContext, JsonObject } from '@cronclave/sdk'
import type { Fault } from '../../problems.ts'

/** What is to be done: the parameters of a run, and which run it is. */
export type PluginCall = Pick<
  JobContext<JsonObject>,
  | 'params'
  | 'runId'
  | 'attemptId'
  | 'job'
  | 'fireTime'
  | 'lastFireTime'
  | 'attempt'
  | 'maxAttempts'
  | 'trigger'
  | 'shard'
  | 'fencingToken'
  | 'parent'
  | 'traceparent'
>

/** Until when, and how to report. The signal aborts when the run is cancelled, out of time or not to be waited for. */
export type PluginContext = Pick<JobContext<JsonObject>, 'signal' | 'deadline' | 'log' | 'progress' | 'extend'>

/** What an agent can do: a handler of its service, under the plugin's name. */
export interface AgentPlugin {
  /** What the target of a job names as its handler. */
  name: string
  description?: string
  /** JSON Schema (2020-12) of the parameters. What it refuses ends the run, and is never tried again. */
  parameters: JsonObject
  /** What a schema cannot say about parameters that pass it. Pointers are below the parameters: `/url`. */
  check?(params: JsonObject): readonly Fault[] | undefined
  /**
   * Does the work. What it returns is the run's result: JSON, at most 64 KiB. What it throws fails the attempt; an error
   * may say `code`, `retryable: false` and `retryAfterMs`.
   */
  run(call: PluginCall, context: PluginContext): unknown
}

const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/

/** The plugins that a module exports by default: one, or a list. Throws an error that says what is wrong. */
export function pluginsOf(exported: unknown): AgentPlugin[] {
  const plugins: unknown[] = Array.isArray(exported) ? exported : [exported]
  if (plugins.length === 0) throw new Error('its default export is an empty list')
  return plugins.map(pluginOf)
}

function pluginOf(value: unknown): AgentPlugin {
  if (typeof value !== 'object' || value === null) throw new Error('its default export is no plugin')
  const plugin = value as Partial<AgentPlugin>
  const { name, description, parameters } = plugin
  if (typeof name !== 'string' || !NAME.test(name)) throw new Error('its name is not one that a handler may have')
  if (description !== undefined && typeof description !== 'string')
    throw new Error(`the description of ${name} is no text`)
  if (typeof parameters !== 'object' || parameters === null) throw new Error(`${name} has no schema of its parameters`)
  if (typeof plugin.run !== 'function') throw new Error(`${name} has no function run`)
  if (plugin.check !== undefined && typeof plugin.check !== 'function')
    throw new Error(`check of ${name} is no function`)
  return value as AgentPlugin
}
