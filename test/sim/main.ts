import { availableParallelism } from 'node:os'
import { parseArgs } from 'node:util'
import { type HuntOptions, huntClusters, scoreMutants } from './cluster/hunt.ts'
import { hunt, scores } from './one-node-main.ts'

const HELP = `Plays seeds against the promises of docs/simulation.md.

  npm run sim -- --seeds 2000 --steps 5000     whole clusters of 1, 3 and 5 nodes, on both cores
  npm run sim -- --from 42 --seeds 1           one seed again
  npm run sim -- --mutants                     what share of seeds notices each mistake in the source
  npm run sim -- --one-node --seeds 1000       scheduler and state of one node alone; with --mutants its planted bugs

  --nodes 1|3|5|mix   default mix
  --workers N         processes; default one per core
  --out FILE          a line per seed, which are not played again; default in the temporary folder, by commit`

const { values } = parseArgs({
  options: {
    from: { type: 'string' },
    seed: { type: 'string', default: '1' },
    seeds: { type: 'string' },
    steps: { type: 'string', default: '5000' },
    nodes: { type: 'string', default: 'mix' },
    workers: { type: 'string', default: String(availableParallelism()) },
    out: { type: 'string' },
    seconds: { type: 'string', default: '120' },
    'one-node': { type: 'boolean', default: false },
    mutants: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
})
const first = Number(values.from ?? values.seed)
const count = Number(values.seeds ?? 1000)

if (values.help) console.log(HELP)
else if (values['one-node']) {
  const options = { first, count, seconds: Number(values.seconds) }
  if (values.mutants) await scores(options)
  else if (!(await hunt(options))) process.exitCode = 1
} else {
  const { steps, nodes, workers, out } = values
  if (nodes !== 'mix' && nodes !== '1' && nodes !== '3' && nodes !== '5')
    throw new Error(`--nodes is 1, 3, 5 or mix, not ${nodes}`)
  const options: HuntOptions = {
    first,
    count,
    steps: Number(steps),
    nodes,
    workers: Number(workers),
    ...(out === undefined ? {} : { out }),
  }
  const held = values.mutants
    ? await scoreMutants({ ...options, seeds: values.seeds === undefined ? undefined : count })
    : await huntClusters(options)
  if (!held) process.exitCode = 1
}
