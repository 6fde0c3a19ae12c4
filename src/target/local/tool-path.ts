/** Many distributions keep nft and ss where only root looks. */
export const TOOL_PATH = `${process.env.PATH ?? ''}:/usr/sbin:/sbin`;
