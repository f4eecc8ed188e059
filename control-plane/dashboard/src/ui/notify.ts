import { notifications } from '@mantine/notifications'
import { explain } from '../api/problem.ts'

/** Says what went wrong in a corner of the window, where there is no better place for it. */
export function notifyError(error: unknown): void {
  const { title, detail, faults } = explain(error)
  const lines = [detail, ...faults.map((fault) => `${fault.pointer} ${fault.detail}`)].filter(
    (line) => line !== undefined,
  )
  notifications.show({ color: 'red', title, message: lines.join('. '), autoClose: 10_000 })
}
