import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { Session } from 'node:inspector'

/* Loaded into a node with --import: takes a profile of its main thread from one SIGUSR2 to the next. */
const session = new Session()
let began = false
let before = 0
process.on('SIGUSR2', () => {
  if (!began) {
    session.connect()
    session.post('Profiler.enable')
    session.post('Profiler.setSamplingInterval', { interval: 500 })
    session.post('Profiler.start')
    began = true
    before = threadMs()
    return
  }
  const cpuMs = threadMs() - before
  session.post('Profiler.stop', (_error, { profile }) => {
    const file = `${process.env['PROFILE_FOLDER']}/${process.pid}.json`
    // Whole or not at all, beside the folder until then.
    writeFileSync(`${file}.part`, JSON.stringify({ profile, cpuMs }))
    renameSync(`${file}.part`, file)
  })
})

/** CPU time of the main thread, in milliseconds: a profile counts what it waited for a core as well. */
function threadMs() {
  const fields = readFileSync(`/proc/self/task/${process.pid}/stat`, 'utf8').split(') ')[1].split(' ')
  return (Number(fields[11]) + Number(fields[12])) * 10
}
