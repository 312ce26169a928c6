# The function's network. It needs a way to the internet, because it posts to peers by API Gateway's public endpoint. The
# table is reached by a gateway endpoint, which costs nothing and spares the NAT that traffic.

data "aws_availability_zones" "available" {
  state = "available"
}

resource "aws_vpc" "signaling" {
  cidr_block           = "10.80.0.0/16"
  enable_dns_support   = true
  enable_dns_hostnames = true
  tags                 = { Name = "signaling" }
}

resource "aws_subnet" "private" {
  count = 2

  vpc_id            = aws_vpc.signaling.id
  cidr_block        = cidrsubnet(aws_vpc.signaling.cidr_block, 4, count.index)
  availability_zone = data.aws_availability_zones.available.names[count.index]
  tags              = { Name = "signaling-private-${count.index}" }
}

resource "aws_subnet" "public" {
  vpc_id            = aws_vpc.signaling.id
  cidr_block        = cidrsubnet(aws_vpc.signaling.cidr_block, 4, 15)
  availability_zone = data.aws_availability_zones.available.names[0]
  tags              = { Name = "signaling-public" }
}

resource "aws_internet_gateway" "signaling" {
  vpc_id = aws_vpc.signaling.id
}

# One NAT, in one zone: about $33 a month. A second one keeps the function reachable when that zone fails.
resource "aws_eip" "nat" {
  domain     = "vpc"
  depends_on = [aws_internet_gateway.signaling]
}

resource "aws_nat_gateway" "signaling" {
  allocation_id = aws_eip.nat.id
  subnet_id     = aws_subnet.public.id
}

resource "aws_route_table" "public" {
  vpc_id = aws_vpc.signaling.id

  route {
    cidr_block = "0.0.0.0/0"
    gateway_id = aws_internet_gateway.signaling.id
  }
}

resource "aws_route_table_association" "public" {
  subnet_id      = aws_subnet.public.id
  route_table_id = aws_route_table.public.id
}

resource "aws_route_table" "private" {
  vpc_id = aws_vpc.signaling.id

  route {
    cidr_block     = "0.0.0.0/0"
    nat_gateway_id = aws_nat_gateway.signaling.id
  }
}

resource "aws_route_table_association" "private" {
  count = 2

  subnet_id      = aws_subnet.private[count.index].id
  route_table_id = aws_route_table.private.id
}

resource "aws_vpc_endpoint" "dynamodb" {
  vpc_id            = aws_vpc.signaling.id
  service_name      = "com.amazonaws.${var.aws_region}.dynamodb"
  vpc_endpoint_type = "Gateway"
  route_table_ids   = [aws_route_table.private.id]
}

resource "aws_security_group" "function" {
  name_prefix = "signaling-"
  description = "The signaling function: out to HTTPS, nothing in"
  vpc_id      = aws_vpc.signaling.id

  egress {
    description = "AWS and the keys of the identity provider"
    from_port   = 443
    to_port     = 443
    protocol    = "tcp"
    cidr_blocks = ["0.0.0.0/0"]
  }
}
