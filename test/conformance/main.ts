import { type Verdict, WHERE_TO_GET_THEM, judgeFile, publicFolder, transcriptsIn } from './suite.ts'

// `RAFT_TESTDATA=<folder> npm run conformance` holds the consensus core against the transcripts in a folder.
const folder = publicFolder()
if (folder === undefined) {
  console.error(`No transcripts. ${WHERE_TO_GET_THEM}`)
  process.exitCode = 2
} else {
  const verdicts = transcriptsIn(folder).map((transcript) => {
    const verdict = judgeFile(transcript)
    console.log(line(transcript.name, verdict))
    return verdict
  })
  const failed = verdicts.filter((verdict) => verdict.failed > 0).length
  const cases = verdicts.reduce((sum, verdict) => sum + verdict.cases, 0)
  const wrong = verdicts.reduce((sum, verdict) => sum + verdict.failed, 0)
  console.log(`${cases - wrong} of ${cases} cases as expected`)
  console.log(`${verdicts.length - failed} passed, ${failed} failed`)
  if (failed > 0 || verdicts.length === 0) process.exitCode = 1
}

function line(name: string, { cases, failed, first }: Verdict): string {
  if (first === undefined) return `pass ${name} (${cases} cases)`
  return (
    `FAIL ${name}:${first.line} ${first.command} (${failed} of ${cases} cases)\n` +
    `  expected: ${first.expected}\n  got:      ${first.got}`
  )
}
