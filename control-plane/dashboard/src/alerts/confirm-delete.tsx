import { Button, Modal } from '@mantine/core'
import { useEffect, useState } from 'react'
import { ErrorNote } from '../ui/error-note.tsx'
import classes from './alerts.module.css'

interface Props {
  /** What is to go; absent: the question is closed. */
  name: string | undefined
  /** What it means that it goes. */
  text: string
  error: unknown
  busy: boolean
  onDelete(name: string): void
  onClose(): void
}

/** Asks once before something goes, and shows why it was refused. */
export function ConfirmDelete({ name, text, error, busy, onDelete, onClose }: Props) {
  // What is being closed keeps its words until it has faded away.
  const [shown, setShown] = useState(name)
  useEffect(() => {
    if (name !== undefined) setShown(name)
  }, [name])
  return (
    <Modal opened={name !== undefined} onClose={onClose} title={`Delete ${shown}?`} lockScroll={false} centered>
      <div className={classes.form}>
        <p>{text}</p>
        {error !== null && <ErrorNote error={error} />}
        <div className={classes.buttons}>
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button color="red" loading={busy} onClick={() => shown !== undefined && onDelete(shown)}>
            Delete
          </Button>
        </div>
      </div>
    </Modal>
  )
}
