import { now } from './ui/clock.ts'

const STORED = 'cronclave-reloaded-at'
const AGAIN_MS = 30_000

/** After an upgrade an open page asks for files that are gone: it is loaded anew, but not again and again. */
export function reloadOnUpgrade(): void {
  addEventListener('vite:preloadError', (event) => {
    try {
      if (now() - Number(sessionStorage.getItem(STORED)) < AGAIN_MS) return
      sessionStorage.setItem(STORED, String(now()))
    } catch {
      return
    }
    event.preventDefault()
    location.reload()
  })
}
