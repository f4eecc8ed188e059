import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { interactionInterpreter } from './interaction.ts'
import { WHERE_TO_GET_THEM, judge, judgeFile, publicFolder, transcriptsIn } from './suite.ts'

const folder = publicFolder()
const own = transcriptsIn(`${import.meta.dirname}/transcripts`)

describe('the core does what the public transcripts of a production engine expect', () => {
  const transcripts = folder === undefined ? [] : transcriptsIn(folder)

  test.each(transcripts)('$name', (transcript) => {
    expect(judgeFile(transcript)).toEqual({ cases: expect.any(Number), failed: 0 })
  })

  if (folder === undefined) test.skip(`left out: ${WHERE_TO_GET_THEM}`)
  else
    test('there are transcripts of all three kinds', () => {
      const kinds = new Set(transcripts.map(({ name }) => name.replace(/\/[^/]*$/, '')))
      expect([...kinds].sort()).toEqual(['confchange/testdata', 'quorum/testdata', 'testdata'])
    })
})

describe('the core does what our own transcripts expect', () => {
  test.each(own)('$name', (transcript) => {
    expect(judgeFile(transcript)).toEqual({ cases: expect.any(Number), failed: 0 })
  })
})

describe('the interpreter has teeth', () => {
  const all = [...own, ...(folder === undefined ? [] : transcriptsIn(folder))]

  test.each(all)('one digit changed in what $name expects is noticed', ({ path, interpreter }) => {
    const text = readFileSync(path, 'utf8')
    const changed = withOneDigitChanged(text)
    expect(changed).not.toBe(text)
    expect(judge(changed, interpreter).failed).toBe(1)
  })

  test('a line too many, a line too few and an empty answer are noticed', () => {
    const setup = 'add-nodes 1 voters=(1) index=2\n----\nok\n\n'
    const state = '1: StateFollower (Voter) Term:0 Lead:0'
    const failed = (expected: string) => judge(`${setup}raft-state\n----\n${expected}\n`, interactionInterpreter).first
    expect(failed(state)).toBe(undefined)
    expect(failed(`${state}\n${state}`)).toMatchObject({ expected: state, got: '(no more)' })
    expect(failed('ok')).toMatchObject({ line: 5, expected: 'ok', got: state })
    expect(failed('')).toMatchObject({ expected: 'ok', got: state })
  })

  test('what it does not know is a failure of the whole rest, not silence', () => {
    const text = 'dance 1\n----\nok\n\nlog-level none\n----\nok\n'
    expect(judge(text, interactionInterpreter)).toMatchObject({ cases: 2, failed: 2, first: { line: 1 } })
  })
})

/** Changes the last digit that is expected and compared, or adds one where none is. */
function withOneDigitChanged(text: string): string {
  const lines = text.split('\n')
  let expected = false
  const compared = lines.flatMap((line, at) => {
    if (line === '----') expected = true
    else if (line.trim() === '') expected = false
    else if (expected && !/^\s*(?:DEBUG|INFO|WARN|ERROR) /.test(line)) return [at]
    return []
  })
  const last = compared.findLast((at) => /\d/.test(lines[at] as string)) ?? compared.at(-1) ?? 0
  const line = lines[last] as string
  const changed = line.replace(/\d/, (digit) => String((Number(digit) + 1) % 10))
  lines[last] = changed === line ? `${line} 1` : changed
  return lines.join('\n')
}
