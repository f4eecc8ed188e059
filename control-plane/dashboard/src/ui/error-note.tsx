import { Alert } from '@mantine/core'
import { IconAlertTriangle } from '@tabler/icons-react'
import { explain } from '../api/problem.ts'

/** What went wrong, in a sentence, with the places in what was sent. */
export function ErrorNote({ error }: { error: unknown }) {
  const { title, detail, faults } = explain(error)
  return (
    <Alert role="alert" color="red" variant="light" icon={<IconAlertTriangle size={16} aria-hidden />} title={title}>
      {detail}
      {faults.length > 0 && (
        <ul>
          {faults.map(({ pointer, detail: fault }) => (
            <li key={pointer + fault}>
              {pointer !== '' && <code>{pointer}</code>} {fault}
            </li>
          ))}
        </ul>
      )}
    </Alert>
  )
}
