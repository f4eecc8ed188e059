import { nodeVitals } from './alerts/node-vitals.ts'
import { AlertWatch } from './alerts/watch.ts'
import { certificateEnds } from './runtime/certificate-ends.ts'
import type { ClusterPort } from './api/cluster.ts'
import { Admission } from './cluster/admission.ts'
import { Caretaker } from './cluster/caretaker.ts'
import { decodeMemberRequest, memberReply } from './cluster/member-request.ts'
import { Members } from './cluster/members.ts'
import type { RequestKind } from './cluster/network.ts'
import type { NodeReport, Said } from './cluster/node-report.ts'
import { Observer } from './cluster/observer.ts'
import { answerQueues, queuesOfLeader } from './cluster/queue-request.ts'
import { type ClusterRefused, removedFrom } from './cluster/refused.ts'
import { judgeMember } from './cluster/removal.ts'
import type { Core } from './core.ts'
import { type Doors, type Entered, TZDATA } from './enter.ts'
import { Output } from './output/output.ts'
import type { OutputStore } from './output/output-store.ts'
import type { Clock } from './runtime/clock.ts'
import type { Logger } from './runtime/logger.ts'
import type { Random } from './runtime/random.ts'
import { VERSION } from './runtime/version.ts'
import type { Event } from './state/applied.ts'
import { COMMAND_VERSION } from './state/commands.ts'
import { statesBytes } from './store/ledger-space.ts'
import { Ledger } from './store/ledger.ts'

/** How long the size of the database on disk, and certificates, are taken to be what they were, in milliseconds. */
const SIZE_FRESH_MS = 5000

export interface TakePartDeps {
  clock: Clock
  random: Random
  logger: Logger
  core: Core
  entered: Entered
  doors: Doors
  startedAt: number
  /** Where the lines of runs are kept. */
  lines: OutputStore
  dataFolder: string
  /** Certificates that this node shows. */
  certificates: readonly { name: string; path: string }[]
  /** What else others may ask of this node; undefined when it is something else. */
  answer(body: Uint8Array): Uint8Array | undefined
  /** What they ask and say of registered executors. */
  answerExecutors(body: Uint8Array): Uint8Array | Promise<Uint8Array>
  nodeTtlMs: number
  /** What this node told channels by itself that is over and not recorded yet. */
  said(): Said[]
  /** This node is no member any more: the process is to end. */
  onRemoved(why: ClusterRefused): void
}

/** What a running member does for the cluster besides its log. */
export interface Part {
  port: ClusterPort
  output: Output
  /** How this node is. */
  report(): Promise<NodeReport>
  /** What the leader has to schedule, and its id. */
  queues(): ReturnType<typeof queuesOfLeader>
  /** Answers what another member asks, besides changes of the state. */
  onRequest(kind: RequestKind, body: Uint8Array): Promise<Uint8Array>
  /** To be called for everything that happens, and after the state was replaced. */
  onEvent(event: Pick<Event, 'type'>): void
  stop(): void
}

/** Lets nodes in, changes the members, looks after them as leader, and says how everybody is. */
export function takePart(deps: TakePartDeps): Part {
  const { clock, random, logger, core, entered, doors, startedAt, dataFolder } = deps
  const { member: node, key: clusterKey, peers: network, begin } = entered
  const { consensus, engine } = core
  const state = () => core.state
  const submit = core.submit.bind(core)
  let learned: () => void = () => undefined
  const wasRemoved = new Promise<void>((resolve) => {
    learned = resolve
  })
  const members = new Members({ clock, random, node, clusterKey, state, consensus, network, removed: wasRemoved })
  const admission = new Admission({ clock, logger, clusterKey, tzdata: TZDATA, state, submit })
  const observer: Observer = new Observer({
    clock,
    node,
    about: { version: VERSION, clusterVersion: COMMAND_VERSION, tzdata: TZDATA },
    startedAt,
    state,
    consensus,
    network,
    digests: engine.digests,
    hashes: engine.hashes,
    log: engine.log,
    compact: (entriesKeep) => engine.compact(entriesKeep),
    databaseBytes: fresh(clock, () => statesBytes(dataFolder)),
    alarms: core.self.alarms,
    certificates: fresh(clock, () => certificateEnds(deps.certificates)),
    leaderless: () => alerts.leaderless,
    said: () => deps.said(),
    submit,
  })
  const alerts: AlertWatch = new AlertWatch({
    clock,
    logger,
    state,
    propose: (command) => consensus.propose(command),
    askNodes: () => nodeVitals(observer),
    ended: { runs: (query) => new Ledger(core.store).runs(query) },
    graceMs: deps.nodeTtlMs,
  })
  const caretaker = new Caretaker({
    clock,
    logger,
    node,
    tzdata: TZDATA,
    state,
    consensus,
    propose: (command) => consensus.propose(command),
    promote: (member) => members.promote(member),
  })
  const ledger = { run: (id: string) => new Ledger(core.store).run(id) }
  const output = new Output({ clock, logger, node, store: deps.lines, state, ledger, network })
  const queues = () => core.queues()
  const first = begin === 'join' ? [] : begin.members
  const removed = () => {
    learned()
    deps.onRemoved(removedFrom(entered.name, core.state.cluster || engine.cluster))
  }
  let wasMember = state().members.has(node)
  doors.join = (body) => admission.answer(body)
  doors.joinKey = (id) => admission.secretOf(id)
  doors.admit = (member) => judgeMember(state(), first, consensus.leadership(), member)
  doors.isBusy = () => engine.consensus.counters.queued > 0
  doors.onRefused = ({ code }) => {
    if (code === 'removed') removed()
  }
  // Before there was a state, everybody who proved the key was let in.
  network.recheck()
  caretaker.start()
  alerts.follow(consensus)
  output.start()
  return {
    port: { node, consensus, observer, change: (request) => members.ask(request) },
    queues: () => queuesOfLeader({ node, consensus, network, own: queues }),
    async onRequest(kind, body) {
      if (kind === 'status') return observer.answerStatus()
      if (kind === 'digest') return observer.answerDigest(body)
      if (kind === 'executors') return deps.answerExecutors(body)
      if (kind === 'output') return output.answer(body)
      if (kind !== 'api') throw new Error(`nobody answers ${kind}`)
      const request = decodeMemberRequest(body)
      if (request) return memberReply(members.handle(request))
      const held = answerQueues(body, queues) ?? deps.answer(body)
      if (held) return held
      const compacted = await observer.answerCompact(body)
      if (compacted) return compacted
      throw new Error(`nobody answers ${kind}`)
    },
    onEvent({ type }) {
      if (type !== 'members-changed') return
      network.recheck()
      const isMember = state().members.has(node)
      if (wasMember && !isMember) removed()
      wasMember ||= isMember
    },
    output,
    report: () => observer.own(),
    stop() {
      caretaker.stop()
      alerts.stop()
      output.stop()
    },
  }
}

/** The same answer for a while. */
function fresh<T>(clock: Clock, look: () => Promise<T>): () => Promise<T> {
  let last: { at: number; value: Promise<T> } | undefined
  return () => {
    if (last === undefined || clock.monotonic() - last.at > SIZE_FRESH_MS)
      last = { at: clock.monotonic(), value: look() }
    return last.value
  }
}
