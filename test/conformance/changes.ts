import type { ChangeStep } from '../../control-plane/src/raft/types.ts'
import { Malformed, number } from './arguments.ts'

const STEPS: Readonly<Record<string, ChangeStep['do']>> = {
  v: 'add-voter',
  l: 'add-learner',
  r: 'remove',
  u: 'update',
}

/** Reads `v1 l2 r3 u4`. */
export function parseSteps(text: string): ChangeStep[] {
  const words = text.split(/\s+/).filter((word) => word !== '')
  return words.map((word) => {
    const step = STEPS[word[0] as string]
    if (step === undefined) throw new Malformed(`unknown input: ${word}`)
    return { do: step, member: number(word.slice(1)) }
  })
}
