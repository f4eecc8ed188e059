import { Malformed, bareNumbers, flag, named } from './arguments.ts'
import { type Command, nodeOf } from './command.ts'

/** Commands of ours, for what the public transcripts have none: reads, entries on disk, reports on snapshots. */
export const OWN_COMMANDS: Readonly<Record<string, Command>> = {
  /** `read-index 1 some-context` */
  'read-index': (environment, given) => {
    const context = given.args[1]?.key
    if (context === undefined) throw new Malformed('read-index needs a node and a context')
    nodeOf(environment, given).raft.readIndex(context)
  },

  /** `disk 1 slow=true`: what is stored cannot be read at once. */
  disk: (environment, given) => {
    nodeOf(environment, given).storage.slow = flag(named(given, 'slow'))
  },

  /** `entries-fetched 1`: what was asked of the disk is there. */
  'entries-fetched': (environment, given) => nodeOf(environment, given).raft.entriesFetched(),

  /** `report-snapshot 1 3 ok=false`: what became of the snapshot that 1 sent to 3. */
  'report-snapshot': (environment, given) => {
    const [, to] = bareNumbers(given.args)
    if (to === undefined) throw new Malformed('report-snapshot needs two nodes')
    nodeOf(environment, given).raft.reportSnapshot(to, flag(named(given, 'ok')))
  },
}
