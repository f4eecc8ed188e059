import type { Command } from 'commander'
import { createLog } from '../runtime/log.ts'
import { systemRandom } from '../runtime/random.ts'
import { examples, outputOf } from './command.ts'
import type { Io } from './io.ts'
import { addSettings, configOf } from './settings-options.ts'

/** `cronclave token reset-admin`: a new administrator token for a stopped node, by who holds its data folder. */
export function resetAdminCommand(token: Command, io: Io): void {
  const command = addSettings(
    token
      .command('reset-admin')
      .description('revoke the administrator tokens made at start and make a new one; the node must be stopped'),
  ).action(async (options: Record<string, unknown>) => {
    const { config } = configOf(options)
    const { resetAdminToken } = await io.node()
    const { logger } = createLog({ ...config.log, target: 'stdout', level: 'silent' }, io.clock, io)
    const secret = await resetAdminToken(config, { clock: io.clock, random: systemRandom, logger })
    const output = outputOf(io, command)
    output.one({ secret }, { token: secret })
    output.note(`It also stands in ${config.dataFolder}/admin.token. The old one no longer works.`)
  })
  examples(command, 'cronclave token reset-admin', 'cronclave token reset-admin --data-folder /var/lib/cronclave')
}
