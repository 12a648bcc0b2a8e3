/** byok cannot listen where it was told to. A file of its own: to know the error, nobody need load the listener. */
export class ListenError extends Error {
  override readonly name = 'ListenError'
  /** Whether the setting itself is at fault, so that no other moment makes it good. */
  readonly setting: boolean

  constructor(message: string, { setting = false, ...options }: ErrorOptions & { setting?: boolean } = {}) {
    super(message, options)
    this.setting = setting
  }
}
