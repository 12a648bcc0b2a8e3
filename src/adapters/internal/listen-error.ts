/** byok cannot listen where it was told to. A file of its own: to know the error, nobody need load the listener. */
export class ListenError extends Error {
  override readonly name = 'ListenError'
}
