import { renameSync, writeFileSync } from 'node:fs'
import { Session } from 'node:inspector'

/* Loaded into a node with --import: takes a profile of its main thread from one SIGUSR2 to the next. */
const session = new Session()
let began = false
process.on('SIGUSR2', () => {
  if (!began) {
    session.connect()
    session.post('Profiler.enable')
    session.post('Profiler.setSamplingInterval', { interval: 500 })
    session.post('Profiler.start')
    began = true
    return
  }
  session.post('Profiler.stop', (_error, { profile }) => {
    const file = `${process.env['PROFILE_FOLDER']}/${process.pid}.json`
    // Whole or not at all, beside the folder until then.
    writeFileSync(`${file}.part`, JSON.stringify({ profile }))
    renameSync(`${file}.part`, file)
  })
})
