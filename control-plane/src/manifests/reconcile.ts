import type { Outcome } from '../cluster/consensus.ts'
import type { Service } from '../discovery/executor.ts'
import type { SeenManifest } from '../discovery/manifest.ts'
import { type Fault, Problem } from '../problems.ts'
import type { Clock } from '../runtime/clock.ts'
import type { Random } from '../runtime/random.ts'
import type { Command } from '../state/commands.ts'
import { judgeManifest } from '../state/manifest-verdict.ts'
import type { State } from '../state/state.ts'
import { type ManifestPlan, planManifest } from './plan-manifest.ts'
import { type ReadManifest, readManifest } from './read-manifest.ts'

/** Faults of a manifest that are remembered, and shown, and characters of each. */
export const FAULTS_MAX = 20
const FAULT_CHARACTERS_MAX = 500
/** How often it is worked out again because somebody else changed what it is about. */
const TRIES_MAX = 10

export interface ReconcilePort {
  clock: Pick<Clock, 'now'>
  random: Random
  state(): State
  submit(command: Command): Promise<Outcome>
}

export interface ReconcileOptions {
  by: string
  /** Only says what would be done. */
  dryRun?: boolean
  /** Takes it although a newer one is known. */
  rollback?: boolean
  prune?: boolean
  adopt?: boolean
  /** It comes with a credential of the service alone, and not by somebody's order. */
  isService?: boolean
}

/** What became of a manifest. */
export type Reconciled =
  | { outcome: 'applied' | 'planned' | 'unchanged'; plan: ManifestPlan; read: ReadManifest; before?: string }
  | { outcome: 'older' | 'refused'; faults: Fault[]; read: ReadManifest }

/**
 * Brings the jobs of a service to what a manifest says, in one entry: all of it or nothing. What came without an order and
 * is refused, or older than what is known, is remembered, so that it is not tried again and again.
 */
export async function reconcile(
  port: ReconcilePort,
  service: Service,
  sent: unknown,
  options: ReconcileOptions,
): Promise<Reconciled> {
  const namespace = port.state().namespaces.get(service.namespace)?.name ?? ''
  const read = readManifest(sent, { namespace, service: service.name })
  for (let tries = 1; ; tries++) {
    const done = await attempt(port, service, read, options)
    if (done !== 'again') return done
    if (tries === TRIES_MAX) throw new Problem('version-mismatch', 'the jobs are being changed by others; try again')
  }
}

async function attempt(
  port: ReconcilePort,
  service: Service,
  read: ReadManifest,
  options: ReconcileOptions,
): Promise<Reconciled | 'again'> {
  const { clock, random, state } = port
  const { by, isService = false, adopt = false, prune = false, rollback = false } = options
  const known = state().manifests.get(service.uid)
  const verdict = judgeManifest(known, read.manifest)
  if (isService && verdict === 'same') return { outcome: 'unchanged', plan: NOTHING, read }
  if (verdict === 'older' && !rollback) return refused(port, service, read, 'older', [], isService)
  if (read.faults.length > 0) return refused(port, service, read, 'refused', read.faults, isService)
  const at = Math.max(clock.now(), state().now)
  const plan = await planManifest(state(), service, read, random, { at, by, adopt, prune, isService })
  if (plan.faults.length > 0) return refused(port, service, read, 'refused', plan.faults, isService)
  const before = known?.current?.revision ?? known?.current?.hash
  const answer = { plan, read, ...(before === undefined ? {} : { before }) }
  if (options.dryRun) return { outcome: 'planned', ...answer }
  const jobs = plan.steps.flatMap(({ put }) => put ?? [])
  if (verdict === 'same' && jobs.length === 0 && plan.prune.length === 0) return { outcome: 'unchanged', ...answer }
  const outcome = await port.submit({
    kind: 'manifest-reconcile',
    at,
    service: service.uid,
    manifest: read.manifest,
    by,
    ifVersion: known?.version ?? 0,
    ...(rollback ? { rollback } : {}),
    jobs,
    ...(plan.prune.length > 0 ? { prune: plan.prune } : {}),
  })
  return settled(outcome) ?? { outcome: 'applied', ...answer }
}

const NOTHING: ManifestPlan = { steps: [], prune: [], faults: [] }

/** Whether somebody was faster; a Problem when it is refused for something else. */
function settled(outcome: Outcome): 'again' | undefined {
  if (outcome.kind === 'applied') return undefined
  const { code, detail } = outcome.rejection
  if (CONTENDED.has(code)) return 'again'
  throw new Problem(code, detail)
}

const CONTENDED: ReadonlySet<string> = new Set([
  'version-mismatch',
  'already-exists',
  'invalid-manifest',
  'manifest-older',
])

async function refused(
  port: ReconcilePort,
  service: Service,
  read: ReadManifest,
  outcome: 'older' | 'refused',
  all: readonly Fault[],
  isRemembered: boolean,
): Promise<Reconciled | 'again'> {
  const faults = all.slice(0, FAULTS_MAX).map(clipped)
  const known = port.state().manifests.get(service.uid)
  const { hash, revision, order } = read.manifest
  const seen = known?.seen.find((one) => one.hash === hash)
  if (!isRemembered || isSaid(seen, outcome, faults)) return { outcome, faults, read }
  const done = await port.submit({
    kind: 'manifest-note',
    at: port.clock.now(),
    service: service.uid,
    manifest: { hash, ...(revision === undefined ? {} : { revision }), ...(order === undefined ? {} : { order }) },
    outcome,
    ...(faults.length > 0 ? { faults } : {}),
    ifVersion: known?.version ?? 0,
  })
  return settled(done) ?? { outcome, faults, read }
}

/** A fault names what was sent, which may be long. */
function clipped({ pointer, detail }: Fault): Fault {
  return { pointer: cut(pointer), detail: cut(detail) }
}

function cut(text: string): string {
  return text.length <= FAULT_CHARACTERS_MAX ? text : `${text.slice(0, FAULT_CHARACTERS_MAX - 1)}…`
}

/** One that had its turn, and is older now, is known for that already. */
function isSaid(seen: SeenManifest | undefined, outcome: 'older' | 'refused', faults: readonly Fault[]): boolean {
  if (!seen) return false
  if (outcome === 'older') return true
  return seen.outcome === 'refused' && JSON.stringify(seen.faults ?? []) === JSON.stringify(faults)
}
