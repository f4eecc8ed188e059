import type { Command } from 'commander'
import { systemRandom } from '../runtime/random.ts'
import { examples, outputOf } from './command.ts'
import { CommandFault, EXIT } from './exit.ts'
import type { Io } from './io.ts'
import { offlineDeps, reportNewCluster } from './new-cluster.ts'
import { addSettings, configOf } from './settings-options.ts'

const CONSEQUENCES = [
  'Changes that were acknowledged and that only the lost members had are gone. Choose the member with the highest index.',
  "Changes that were never acknowledged, and that are in this member's log, are kept.",
  'Calls that were open are uncertain; jobs decide by onUncertain whether they are made again.',
  'The members of the old cluster can never come back: wipe their data folders and add them anew.',
  'If a majority of them can still be started, do that instead: nothing is lost then.',
]

/** `cronclave recover`: a cluster of one out of what is left of one that lost its quorum. */
export function recoverCommand(program: Command, io: Io): void {
  const command = addSettings(
    program
      .command('recover')
      .description('make a new cluster of one stopped member when the majority is lost for good; may lose data')
      .requiredOption('--force-new-cluster', 'say what is to be done; there is no other way yet')
      .option('--yes-i-accept-data-loss', 'do it: without this, only what would be done is said'),
  ).action(async (options: Record<string, unknown>) => {
    const { config } = configOf(options)
    if (options['yesIAcceptDataLoss'] !== true) {
      throw new CommandFault(
        EXIT.usage,
        `This would make a NEW CLUSTER of ${config.dataFolder}, whose only voter is the member in it. Nothing was changed.`,
        [...CONSEQUENCES, 'If that is what you want, say it again with --yes-i-accept-data-loss.'],
      )
    }
    const { forceNewCluster } = await import('../offline.ts')
    const made = await forceNewCluster(offlineDeps(config, io.clock, systemRandom))
    reportNewCluster(outputOf(io, command), config, made)
  })
  command.addHelpText('after', `\nWhat may be lost:\n${CONSEQUENCES.map((line) => `  - ${line}`).join('\n')}`)
  examples(
    command,
    'cronclave recover --force-new-cluster --data-folder /var/lib/cronclave',
    'cronclave recover --force-new-cluster --yes-i-accept-data-loss --data-folder /var/lib/cronclave',
  )
}
