import { type Command, Option } from 'commander'
import { type Config, resolveConfig } from '../config.ts'
import { loadConfig } from '../config/load.ts'
import type { SettingInForce } from '../config/sources.ts'
import { environmentName, flagName, type Setting, SETTINGS } from '../config/settings.ts'
import { CommandFault, EXIT } from './exit.ts'

export type { Config }
export { resolveConfig }

/** Adds `--config` and a flag for every setting that is not a lasting secret: a command line is seen by everybody. */
export function addSettings(command: Command): Command {
  command.option('--config <file>', 'configuration file; cronclave.yaml when it exists')
  for (const [key, setting] of Object.entries(SETTINGS) as [string, Setting][]) {
    if (setting.secret && !setting.brief) continue
    const shown = setting.default === undefined ? '' : ` (default: ${setting.kind.show(setting.default) || 'none'})`
    const value = setting.kind.hint.startsWith('<') ? setting.kind.hint : `<${setting.kind.hint}>`
    command.addOption(
      new Option(`${flagName(key)} ${value.replace('>,…', '>')}`, `${setting.about}${shown}`).helpGroup('Settings:'),
    )
  }
  return command
}

/** The configuration in force, or one fault that names everything wrong in it. */
export function configOf(options: Record<string, unknown>): { config: Config; settings: SettingInForce[] } {
  const flags: Record<string, string> = {}
  for (const key of Object.keys(SETTINGS)) {
    const given = options[optionName(key)]
    if (typeof given === 'string') flags[key] = given
  }
  const file = options['config']
  const resolved = loadConfig({ flags, ...(typeof file === 'string' ? { file } : {}) })
  if (resolved.ok) return resolved
  const details = resolved.faults.map(({ where, key, detail }) => {
    const place =
      key === '' || where.startsWith('-') || where === environmentName(key) || where === key
        ? where
        : `${where}, ${key}`
    return `${place}: ${detail}`
  })
  throw new CommandFault(EXIT.usage, 'The configuration is not valid:', details)
}

/** `--listen-port` is `listenPort` among parsed options. */
function optionName(key: string): string {
  return flagName(key)
    .slice(2)
    .replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase())
}
