/**
 * AWS's prices in USD, us-east-1, on demand, first tier, without free tier. Prices stand in no other file.
 * https://aws.amazon.com/api-gateway/pricing/ https://aws.amazon.com/lambda/pricing/ https://aws.amazon.com/dynamodb/pricing/on-demand/
 */
export const PRICES = {
	/** One WebSocket message of up to 32 KiB, in either direction. */
	message: 1.0e-6,
	/** One minute of one connection. */
	connectionMinute: 0.25e-6,
	/** One invocation of a function. */
	invocation: 0.2e-6,
	/** One GB-second of a function on arm64. */
	gigabyteSecond: 13.3334e-6,
	/** One DynamoDB write request unit. */
	writeUnit: 0.625e-6,
	/** One DynamoDB read request unit. */
	readUnit: 0.125e-6,
	/** One GB that goes out to the internet. What comes in is free. https://aws.amazon.com/ec2/pricing/on-demand/#Data_Transfer */
	gigabyteOut: 0.09,
	/** One GB of log lines that CloudWatch takes. https://aws.amazon.com/cloudwatch/pricing/ */
	gigabyteLogged: 0.5,
	/** One custom metric of CloudWatch for a month. Billed for the hours in which it has a value; an account has ten for free. */
	customMetric: 0.3,
	/** One metric that an alarm reads, for a month. An account has ten for free. */
	alarmMetric: 0.1,
	/** One dashboard for a month. An account has three for free. */
	dashboard: 3,
} as const;

/**
 * The module's default memory times the billed time of one invocation of a session, on average: measured processor time and stated
 * round trips (docs/costs.md, "The function's memory").
 */
export const GIGABYTE_SECONDS_PER_INVOCATION = (512 / 1024) * 0.017;
