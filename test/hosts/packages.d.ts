export const here: string;
export const packages: readonly string[];
