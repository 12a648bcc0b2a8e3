import type { ModelInfo } from '../../core/plugin.ts'

/** The models that take Chat Completions with an API key. Names: AprilNEA/BYOKEY, the list its first commits name. */
export const models: ModelInfo[] = [{ id: 'gpt-4o' }, { id: 'gpt-4o-mini' }, { id: 'o3' }, { id: 'o4-mini' }]
