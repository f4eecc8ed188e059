import type { components, operations, paths, webhooks } from './generated/api.ts'
import type {
  components as ClientComponents,
  operations as ClientOperations,
  paths as ClientPaths,
} from './generated/client.ts'

export type { components, operations, paths, webhooks }
/** What `openapi-fetch` is typed by: fields with a default may be left out of what is sent. */
export type { ClientPaths }
export type { ClientOperations }

type Schemas = components['schemas']
type Sent = ClientComponents['schemas']

// What is sent: fields with a default are optional.
export type JobDefinition = Sent['JobDefinition']
export type ScheduleDefinition = Sent['Schedule']
export type TargetDefinition = Sent['Target']
export type HandlerTargetDefinition = Sent['HandlerTarget']
export type HttpTargetDefinition = Sent['HttpTarget']
export type NamespaceDefinition = Sent['NamespaceDefinition']
export type ServiceDefinition = Sent['ServiceDefinition']
export type ExecutorDefinition = Sent['ExecutorDefinition']
export type TriggerRequest = Sent['TriggerRequest']
export type PreviewRequest = Sent['PreviewRequest']
export type TokenCreate = Sent['TokenCreate']
export type SessionRequest = Sent['SessionRequest']

// What is returned: every field with a default is present.
export type ResolvedJobDefinition = Schemas['JobDefinition']
export type ResolvedSchedule = Schemas['Schedule']
export type Problem = Schemas['Problem']
export type ProblemCode = Schemas['ProblemCode']
export type Fault = Schemas['Fault']
export type Session = Schemas['Session']
export type LoginCode = Schemas['LoginCode']
export type Token = Schemas['Token']
export type TokenCreated = Schemas['TokenCreated']
export type Namespace = Schemas['Namespace']
export type Service = Schemas['Service']
export type ServiceWithSecret = Schemas['ServiceWithSecret']
export type Executor = Schemas['Executor']
export type Job = Schemas['Job']
export type JobState = Schemas['JobState']
export type Fire = Schemas['Fire']
export type FirePreview = Schemas['FirePreview']
export type Run = Schemas['Run']
export type RunState = Schemas['RunState']
export type Cause = Schemas['Cause']
export type Shard = Schemas['Shard']
export type Attempt = Schemas['Attempt']
export type AttemptAnswer = Schemas['AttemptAnswer']
export type LogLine = Schemas['LogLine']
export type Stretch = Schemas['Stretch']
export type Explanation = Schemas['Explanation']
export type Stats = Schemas['Stats']
export type RunEvent = Schemas['RunEvent']
export type JobEvent = Schemas['JobEvent']
export type Key = Schemas['Key']
export type KeyMeta = Schemas['KeyMeta']
export type Lease = Schemas['Lease']
export type Claim = Schemas['Claim']
export type Lock = Schemas['Lock']
export type LockHolder = Schemas['LockHolder']
export type LockWaiter = Schemas['LockWaiter']
export type LockEvent = Schemas['LockEvent']
export type ClaimRequest = Sent['ClaimRequest']
export type Status = Schemas['Status']
export type Queues = Schemas['Queues']
export type JobMap = Schemas['JobMap']
export type MapNamespace = Schemas['MapNamespace']
export type MapService = Schemas['MapService']
export type MapExecutor = Schemas['MapExecutor']
export type MapRun = Schemas['MapRun']
export type MapState = Schemas['MapState']
export type Cluster = Schemas['Cluster']
export type ClusterMember = Schemas['ClusterMember']
export type ClusterHealth = Schemas['ClusterHealth']
export type ClusterHash = Schemas['ClusterHash']
export type MemberAdded = Schemas['MemberAdded']

// What the control plane sends to executors, and their replies.
export type RunDispatch = Schemas['RunDispatch']
export type RunResult = Schemas['RunResult']
export type RunAccepted = Schemas['RunAccepted']
export type RunCancel = Schemas['RunCancel']
export type RunCancelled = Schemas['RunCancelled']
export type Ping = Schemas['Ping']
export type Pong = Schemas['Pong']
export type ManifestGet = Schemas['ManifestGet']
export type Manifest = Schemas['Manifest']
