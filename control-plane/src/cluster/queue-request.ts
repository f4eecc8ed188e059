import type { QueueFigures } from '../scheduler/queue-figures.ts'
import { answerQuestion, askLeader, type LeaderDeps, type LeaderQuestion } from './leader-question.ts'

export interface QueuesDeps extends LeaderDeps {
  /** Of this node; undefined unless it leads. */
  own(): QueueFigures | undefined
}

/** What the leader has to schedule, wherever it is: `leader` is the member that said so. */
export async function queuesOfLeader({ own, ...deps }: QueuesDeps): Promise<{ leader: string; figures: QueueFigures }> {
  const { leader, answer } = await askLeader(deps, question(own))
  return { leader, figures: answer }
}

/** Another member asks what this one has to schedule; undefined when the body is about something else. */
export function answerQueues(body: Uint8Array, own: QueuesDeps['own']): Uint8Array | undefined {
  return answerQuestion(body, question(own))
}

function question(own: QueuesDeps['own']): LeaderQuestion<QueueFigures> {
  return { mark: 'queues', what: 'what it has to schedule', own }
}
