import { randomUUID } from 'node:crypto'

/** 32 hexadecimal digits of chance, as vendors have them in the ids of requests, answers and calls. */
export function randomHex(): string {
  return randomUUID().replaceAll('-', '')
}
